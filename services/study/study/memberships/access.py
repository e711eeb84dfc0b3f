"""Access to memberships and invitations: return the row, or raise NotFound."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef

from chassis.errors import NotFound
from chassis.web.auth import Principal
from study.cohorts.models import Cohort, Membership, Role
from study.memberships.models import Invitation


def member_for_operator(cohort_id: UUID, membership_id: UUID, *, account_id: UUID) -> Membership:
    """Return a live membership of a cohort that the account operates, with its relations."""
    memberships = Membership.objects.live().select_related("cohort", "part", "team")
    membership = memberships.filter(_operated_by(account_id), id=membership_id, cohort_id=cohort_id).first()
    if membership is None:
        raise NotFound
    return membership


def invitation_for_operator(cohort_id: UUID, invitation_id: UUID, *, account_id: UUID) -> Invitation:
    """Return an invitation to a cohort that the account operates, with names."""
    invitations = Invitation.objects.with_names()
    invitation = invitations.filter(_operated_by(account_id), id=invitation_id, cohort_id=cohort_id).first()
    if invitation is None:
        raise NotFound
    return invitation


def invitation_by_token(token: str) -> Invitation:
    """Return the invitation with this token, in any state, with names, for anyone who has the link."""
    invitation = Invitation.objects.with_names().filter(token=token).first()
    if invitation is None:
        raise NotFound
    return invitation


def require_owner(principal: Principal) -> None:
    """Raise NotFound unless the caller's token has the role `owner`."""
    if "owner" not in principal.roles:
        raise NotFound


def cohort_for_owner(cohort_id: UUID, *, principal: Principal) -> Cohort:
    """Return any cohort, for an owner of the installation."""
    require_owner(principal)
    cohort = Cohort.objects.filter(id=cohort_id).first()
    if cohort is None:
        raise NotFound
    return cohort


def _operated_by(account_id: UUID) -> Exists:
    operators = Membership.objects.live().filter(account_id=account_id, role=Role.OPERATOR)
    return Exists(operators.filter(cohort=OuterRef("cohort")))
