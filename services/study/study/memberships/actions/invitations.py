"""Ways in: links for many, invitations for one."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from chassis.events.publish import publish
from study.cohorts.actions import refuse_closed
from study.cohorts.models import Cohort, Membership, Role
from study.memberships.events import MemberInvited
from study.memberships.models import Invitation
from study.memberships.rules import ADDRESSED_LASTS
from study.mirrors.models import AccountMirror


class NotAFutureMoment(DomainError):
    code = "not_a_future_moment"
    title = _("Choose a moment that is still to come.")


class OtherCohortsPart(DomainError):
    code = "part_of_another_cohort"
    title = _("This part belongs to another cohort.")


class NotKnown(DomainError):
    code = "person_not_known"
    title = _(
        "You can invite people by name whom you know from another cohort that you run. Others need a link."
    )


class AlreadyIn(DomainError):
    code = "already_in"
    title = _("Already in this cohort.")


@transaction.atomic
def make_invitation(
    *,
    cohort: Cohort,
    role: Role,
    part_id: UUID | None,
    expires_at: datetime,
    max_uses: int,
    by: UUID,
    at: datetime,
) -> Invitation:
    """A link that gives a place with this role and part to whoever joins by it, so often and so long."""
    if expires_at <= at:
        raise NotAFutureMoment(field="expires_at")
    return _make(cohort, role=role, part_id=part_id, expires_at=expires_at, max_uses=max_uses, by=by, at=at)


@transaction.atomic
def invite_account(
    *, cohort: Cohort, account_id: UUID, role: Role, part_id: UUID | None, by: UUID, at: datetime
) -> Invitation:
    """Invite one person whom the operator `by` knows from another cohort that they run; the person is told.

    NotKnown otherwise, and AlreadyIn if they are.
    """
    if Membership.objects.live().filter(cohort=cohort, account_id=account_id).exists():
        raise AlreadyIn(field="account_id")
    run_by_them = Membership.objects.live().filter(account_id=by, role=Role.OPERATOR).values("cohort_id")
    if not Membership.objects.filter(account_id=account_id, cohort_id__in=run_by_them).exists():
        raise NotKnown(field="account_id")

    invitation = _make(
        cohort,
        role=role,
        part_id=part_id,
        expires_at=at + ADDRESSED_LASTS,
        max_uses=1,
        by=by,
        at=at,
        for_account_id=account_id,
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
def withdraw_invitation(*, invitation: Invitation, at: datetime) -> Invitation:
    """Nobody joins by it any more; who has joined stays. Twice is the same as once."""
    invitation = Invitation.objects.select_for_update().get(id=invitation.id)
    if invitation.revoked_at is None:
        invitation.revoked_at = at
        invitation.save(update_fields=["revoked_at"])
    return invitation


def withdraw_staff_links(*, cohort_id: UUID, at: datetime) -> None:
    """Withdraw the open links that make operators and mentors: whoever stops being an operator has seen them.

    Invitations to one account are no secret, and stay. To be called with the cohort's row locked.
    """
    links = Invitation.objects.open(at).filter(cohort_id=cohort_id, for_account_id=None)
    links.filter(role__in=[Role.OPERATOR, Role.MENTOR]).update(revoked_at=at)


def _make(
    cohort: Cohort,
    *,
    role: Role,
    part_id: UUID | None,
    expires_at: datetime,
    max_uses: int,
    by: UUID,
    at: datetime,
    for_account_id: UUID | None = None,
) -> Invitation:
    refuse_closed(cohort=cohort)
    if part_id is not None and not cohort.parts.filter(id=part_id).exists():
        raise OtherCohortsPart(field="part_id")
    return Invitation.objects.create(
        cohort=cohort,
        token=secrets.token_urlsafe(24),
        role=role,
        part_id=part_id,
        expires_at=expires_at,
        max_uses=max_uses,
        created_by=by,
        created_at=at,
        for_account_id=for_account_id,
    )
