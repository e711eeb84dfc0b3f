"""Access to memberships and invitations: return the row, or raise NotFound."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from chassis.errors import NotFound
from chassis.web.auth import Principal
from study.cohorts.access import get_or_not_found, has_role
from study.cohorts.models import Cohort, Membership, Role
from study.memberships.models import Invitation, InvitationState, Invitee, JoinRequest


def member_for_operator(cohort_id: UUID, membership_id: UUID, *, account_id: UUID) -> Membership:
    """Return a live membership of a cohort that the account operates, with its relations."""
    memberships = Membership.objects.live().select_related("cohort", "part", "team", "study_team")
    is_operator = has_role(account_id, Role.OPERATOR)
    return get_or_not_found(memberships, is_operator, cohort_id=cohort_id, id=membership_id)


def invitation_for_operator(
    cohort_id: UUID, invitation_id: UUID, *, account_id: UUID, at: datetime
) -> Invitation:
    """Return an invitation to a cohort that the account operates, with names and its state at `at`."""
    invitations = Invitation.objects.with_names().with_state(at)
    is_operator = has_role(account_id, Role.OPERATOR)
    return get_or_not_found(invitations, is_operator, cohort_id=cohort_id, id=invitation_id)


def invitation_by_token(token: str, *, at: datetime) -> Invitation:
    """Return the invitation with this token, with names and its state, for anyone who has the link."""
    return get_or_not_found(Invitation.objects.with_names().with_state(at), token=token)


def invitee_by_key(key_hash: str, *, at: datetime) -> Invitee:
    """Return who was invited by the mail with this key, with the invitation, while that can be used."""
    usable = Invitation.objects.with_state(at).filter(Q(state=InvitationState.OPEN), cohort__closed_at=None)
    invitees = Invitee.objects.select_related("invitation").exclude(email_encrypted="")
    return get_or_not_found(invitees, key_hash=key_hash, invitation__in=usable)


def own_request(request_id: UUID, *, account_id: UUID) -> JoinRequest:
    """Return the account's own request to join, with its cohort and part."""
    return get_or_not_found(JoinRequest.objects.with_names(), id=request_id, account_id=account_id)


def require_owner(principal: Principal) -> None:
    """Raise NotFound unless the caller's token has the role `owner`."""
    if "owner" not in principal.roles:
        raise NotFound


def cohort_for_owner(cohort_id: UUID, *, principal: Principal) -> Cohort:
    """Return any cohort, for an owner of the installation."""
    require_owner(principal)
    return get_or_not_found(Cohort.objects.all(), id=cohort_id)
