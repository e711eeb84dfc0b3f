"""Joining a cohort by an invitation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from chassis.errors import DomainError
from chassis.events.publish import publish
from study.cohorts.actions import CohortClosed
from study.cohorts.models import Cohort, Membership, Part, Role
from study.memberships.actions.invitations import AlreadyMember, PartNotInCohort
from study.memberships.actions.memberships import publish_membership_changed
from study.memberships.actions.rejoining import carry_over
from study.memberships.events import MemberJoined
from study.memberships.models import Invitation
from study.memberships.rules import InvitationState, asks_for_part, state_of


class InvitationForOtherAccount(DomainError):
    code = "invitation_for_someone_else"
    title = _("This invitation is for another account. Sign in with the one that was invited.")
    status = 403


class InvitationWithdrawn(DomainError):
    code = "invitation_withdrawn"
    title = _("This invitation was withdrawn. Ask an operator for a new link.")


class InvitationOver(DomainError):
    code = "invitation_over"
    title = _("This invitation is over. Ask an operator for a new link.")


class InvitationUsedUp(DomainError):
    code = "invitation_used_up"
    title = _("Every place of this invitation is taken. Ask an operator for a new link.")


class LeftSince(DomainError):
    code = "left_since"
    title = _("You left or were removed after this link was made. Ask an operator for a new one.")


class PartNotChosen(DomainError):
    code = "part_not_chosen"
    title = _("Choose your part.")
    status = 422


_STATE_ERRORS = {
    InvitationState.WITHDRAWN: InvitationWithdrawn,
    InvitationState.OVER: InvitationOver,
    InvitationState.USED_UP: InvitationUsedUp,
}


def join_error(*, invitation: Invitation, account_id: UUID | None, at: datetime) -> DomainError | None:
    """Return why the account cannot join by the invitation now, or None.

    `account_id` is None for an anonymous visitor.
    """
    memberships = Membership.objects.filter(cohort_id=invitation.cohort_id)
    theirs = memberships.filter(account_id=account_id) if account_id else memberships.none()
    if invitation.for_account_id is not None and account_id not in {None, invitation.for_account_id}:
        return InvitationForOtherAccount()
    if theirs.live().exists():
        return AlreadyMember()
    if error := _STATE_ERRORS.get(state_of(invitation, at)):
        return error()
    if theirs.filter(left_at__gt=invitation.created_at).exists():
        return LeftSince()
    return CohortClosed() if invitation.cohort.closed_at is not None else None


@transaction.atomic
def join(
    *, invitation: Invitation, account_id: UUID, part_id: UUID | None = None, at: datetime
) -> Membership:
    """Create the membership that the invitation offers. Raise the error of `join_error` if it cannot.

    `part_id` is used only if the invitation lets members choose their part.
    """
    # The cohort's lock serialises joins, so that two links used at once create one membership; the
    # invitation's lock makes its uses exact. Always in this order.
    cohort = Cohort.objects.select_for_update().get(id=invitation.cohort_id)
    invitation = Invitation.objects.select_for_update().select_related("part").get(id=invitation.id)
    invitation.cohort = cohort
    if error := join_error(invitation=invitation, account_id=account_id, at=at):
        raise error
    part = _chosen_part(cohort, part_id) if asks_for_part(invitation) else invitation.part

    membership = Membership.objects.create(
        cohort=cohort, account_id=account_id, role=invitation.role, part=part, joined_at=at
    )
    carry_over(membership=membership, at=at)
    invitation.uses += 1
    invitation.save(update_fields=["uses"])
    publish_membership_changed(membership=membership, at=at)
    operators = Membership.objects.live().filter(cohort=cohort, role=Role.OPERATOR)
    recipients = {*operators.values_list("account_id", flat=True), account_id}
    publish(
        MemberJoined(
            membership_id=membership.id,
            cohort_id=cohort.id,
            cohort_title=cohort.title,
            account_id=account_id,
            member_name=AccountMirror.objects.names([account_id]).get(account_id, ""),
            role=membership.role,
            recipients=sorted(recipients),
        ),
        at=at,
    )
    return membership


def _chosen_part(cohort: Cohort, part_id: UUID | None) -> Part | None:
    parts = {part.id: part for part in cohort.parts.all()}
    if parts and part_id is None:
        raise PartNotChosen(field="part_id")
    if part_id is not None and part_id not in parts:
        raise PartNotInCohort(field="part_id")
    return parts[part_id] if part_id else None
