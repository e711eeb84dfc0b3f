"""Invitations: links for many people, and invitations for one account."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from chassis.errors import DomainError
from chassis.events.publish import publish
from study.audit.actions import record_change
from study.cohorts.actions import ensure_open
from study.cohorts.models import AuditKind, Cohort, Membership, Role
from study.memberships.events import MemberInvited
from study.memberships.models import Invitation, InvitationState, Invitee

# Lifetime of an invitation to one account.
PERSONAL_INVITATION_LIFETIME = timedelta(days=14)


class ExpiryInPast(DomainError):
    code = "not_a_future_moment"
    title = _("Choose a moment that is still to come.")


class PartNotInCohort(DomainError):
    code = "part_of_another_cohort"
    title = _("This part belongs to another cohort.")


class UnknownAccount(DomainError):
    code = "person_not_known"
    title = _(
        "You can invite people by name whom you know from another cohort that you run. Others need a link."
    )


class AlreadyMember(DomainError):
    code = "already_in"
    title = _("Already in this cohort.")


@transaction.atomic
def create_invitation(
    *,
    cohort: Cohort,
    role: str,
    part_id: UUID | None,
    expires_at: datetime,
    max_uses: int,
    by: UUID,
    at: datetime,
) -> Invitation:
    """Create an invitation link with this role and part, valid for `max_uses` joins until `expires_at`.

    Raise ExpiryInPast, CohortClosed or PartNotInCohort.
    """
    if expires_at <= at:
        raise ExpiryInPast(field="expires_at")
    return store_invitation(
        cohort=cohort,
        part_id=part_id,
        role=role,
        expires_at=expires_at,
        max_uses=max_uses,
        created_by=by,
        created_at=at,
    )


@transaction.atomic
def invite_account(
    *, cohort: Cohort, account_id: UUID, role: str, part_id: UUID | None, by: UUID, at: datetime
) -> Invitation:
    """Invite one account from another cohort that the operator `by` runs, and publish MemberInvited.

    Raise UnknownAccount if it is in none of those cohorts, AlreadyMember if it is in this one.
    """
    if Membership.objects.live().filter(cohort=cohort, account_id=account_id).exists():
        raise AlreadyMember(field="account_id")
    operated = Membership.objects.live().filter(account_id=by, role=Role.OPERATOR).values("cohort_id")
    if not Membership.objects.filter(account_id=account_id, cohort_id__in=operated).exists():
        raise UnknownAccount(field="account_id")

    invitation = store_invitation(
        cohort=cohort,
        part_id=part_id,
        role=role,
        expires_at=at + PERSONAL_INVITATION_LIFETIME,
        max_uses=1,
        for_account_id=account_id,
        created_by=by,
        created_at=at,
    )
    publish(
        MemberInvited(
            invitation_id=invitation.id,
            cohort_id=cohort.id,
            cohort_title=cohort.title,
            invited_by=AccountMirror.objects.names([by]).get(by, ""),
            role=role,
            link=invitation.path,
            recipients=[account_id],
        ),
        at=at,
    )
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: UUID, at: datetime) -> Invitation:
    """Withdraw an invitation; members who joined stay. Idempotent.

    The address of an unused invitation by mail is deleted, so that a sheet can invite the person again.
    """
    invitation = Invitation.objects.select_for_update().get(id=invitation.id)
    if not invitation.uses:
        Invitee.objects.filter(invitation=invitation).delete()
    if invitation.withdrawn_at is None:
        invitation.withdrawn_at = at
        invitation.save(update_fields=["withdrawn_at"])
        _record(invitation, invitation.role, None, by=by, at=at)
    return invitation


def withdraw_staff_links(*, cohort_id: UUID, by: UUID, at: datetime) -> None:
    """Withdraw open links for operators and mentors, also mailed ones: a former operator has seen them.

    Invitations to one account are no secret and stay. Call it with the cohort's row locked.
    """
    links = Invitation.objects.with_state(at).filter(Q(state=InvitationState.OPEN), cohort_id=cohort_id)
    links = links.filter(for_account_id=None, role__in=[Role.OPERATOR, Role.MENTOR])
    for link in links:
        _record(link, link.role, None, by=by, at=at)
    link_ids = [link.id for link in links]
    # Invitations before their people, in the order of the other actions.
    Invitation.objects.filter(id__in=link_ids).update(withdrawn_at=at)
    Invitee.objects.filter(invitation_id__in=link_ids).delete()


def _record(invitation: Invitation, before: str | None, after: str | None, *, by: UUID, at: datetime) -> None:
    """Write into the audit log which role an invitation offers, or offered; never its link."""
    record_change(
        cohort_id=invitation.cohort_id,
        kind=AuditKind.INVITATION,
        changes={"": (before, after)},
        subject_id=invitation.for_account_id,
        by=by,
        at=at,
    )


def store_invitation(*, cohort: Cohort, part_id: UUID | None, **columns: Any) -> Invitation:
    """Create an invitation with a new token. Raise CohortClosed or PartNotInCohort."""
    ensure_open(cohort=cohort)
    if part_id is not None and not cohort.parts.filter(id=part_id).exists():
        raise PartNotInCohort(field="part_id")
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(cohort=cohort, part_id=part_id, token=token, **columns)
    _record(invitation, None, invitation.role, by=invitation.created_by, at=invitation.created_at)
    return invitation
