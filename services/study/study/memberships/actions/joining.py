"""Joining a cohort by an invitation, also again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from chassis.errors import DomainError
from chassis.events.publish import publish
from study.audit.actions import record_change
from study.cohorts.actions import CohortClosed, publish_membership_changed
from study.cohorts.models import AuditKind, Cohort, Membership, Part, Role
from study.memberships.actions.consents import ensure_current, record_consent
from study.memberships.actions.github import GitHubTaken, pin_github
from study.memberships.actions.invitations import AlreadyMember, PartNotInCohort
from study.memberships.actions.invitees import use_invitee
from study.memberships.actions.memberships import decide_again
from study.memberships.events import MemberJoined
from study.memberships.models import Invitation, InvitationState, JoinRequest
from study.memberships.rules import CONSENT_VERSION


class InvitationForOtherAccount(DomainError):
    code = "invitation_for_someone_else"
    title = _("This invitation is for another account. Sign in with the one that was invited.")
    status = 403


class InvitationWithdrawn(DomainError):
    code = "invitation_withdrawn"
    title = _("This invitation was revoked. Ask an organizer for a new link.")


class InvitationOver(DomainError):
    code = "invitation_over"
    title = _("This invitation has expired. Ask an organizer for a new link.")


class InvitationUsedUp(DomainError):
    code = "invitation_used_up"
    title = _("Every place of this invitation is taken. Ask an organizer for a new link.")


class LeftSince(DomainError):
    code = "left_since"
    title = _("You left or were removed after this link was made. Ask an organizer for a new one.")


class AlreadyRequested(DomainError):
    code = "already_requested"
    title = _("Your request to join waits for the organizers already.")


class PartNotChosen(DomainError):
    code = "part_not_chosen"
    title = _("Choose your part.")
    status = 422


_STATE_ERRORS: dict[str, type[DomainError]] = {
    InvitationState.WITHDRAWN: InvitationWithdrawn,
    InvitationState.OVER: InvitationOver,
    InvitationState.USED_UP: InvitationUsedUp,
}


def join_error(*, invitation: Invitation, account_id: UUID | None) -> DomainError | None:
    """Return why the account cannot join by the invitation, read `with_state`, or None.

    `account_id` is None for an anonymous visitor.
    """
    memberships = Membership.objects.filter(cohort_id=invitation.cohort_id)
    theirs = memberships.filter(account_id=account_id) if account_id else memberships.none()
    if invitation.for_account_id is not None and account_id not in {None, invitation.for_account_id}:
        return InvitationForOtherAccount()
    if theirs.live().exists():
        return AlreadyMember()
    # Before the state: the request itself may hold the last use.
    if (
        account_id
        and invitation.needs_approval
        and open_requests(cohort=invitation.cohort, account_id=account_id).exists()
    ):
        return AlreadyRequested()
    if error := _STATE_ERRORS.get(invitation.state):
        return error()
    if theirs.filter(left_at__gt=invitation.created_at).exists():
        return LeftSince()
    return CohortClosed() if invitation.cohort.closed_at is not None else None


@transaction.atomic
def join(
    *,
    invitation: Invitation,
    account_id: UUID,
    consent_version: str | None,
    part_id: UUID | None = None,
    at: datetime,
) -> Membership:
    """Create the membership that the invitation offers, with the consent to what is collected.

    An open request of the account to join counts as approved. Whether the invitation needs an approval is
    decided before, by `use_invitation`. Raise the error of `join_error` if it cannot, or ConsentMissing.

    `part_id` is used only if the invitation lets members choose their part.
    """
    return join_locked(
        invitation=lock_invitation(invitation=invitation, at=at),
        account_id=account_id,
        consent_version=consent_version,
        part_id=part_id,
        at=at,
    )


def join_locked(
    *,
    invitation: Invitation,
    account_id: UUID,
    consent_version: str | None,
    part_id: UUID | None,
    at: datetime,
) -> Membership:
    """Do as `join`, by an invitation that `lock_invitation` returned."""
    cohort = invitation.cohort
    if error := join_error(invitation=invitation, account_id=account_id):
        raise error
    ensure_current(version=consent_version)
    for request in open_requests(cohort=cohort, account_id=account_id).select_for_update():
        # Who made the invitation wants the person here.
        request.decided_at, request.decided_by, request.approved = at, invitation.created_by, True
        request.save(update_fields=["decided_at", "decided_by", "approved"])
        give_use_back(request=request)

    membership = create_membership(
        cohort=cohort,
        account_id=account_id,
        role=invitation.role,
        part=chosen_part(invitation=invitation, part_id=part_id),
        consent_version=CONSENT_VERSION,
        consent_given_at=at,
        by=account_id,
        at=at,
    )
    Invitation.objects.filter(id=invitation.id).update(uses=F("uses") + 1)
    use_invitee(invitation=invitation, membership=membership, at=at)
    publish_joined(membership=membership, is_welcomed=True, at=at)
    return membership


def lock_invitation(*, invitation: Invitation, at: datetime) -> Invitation:
    """Lock the cohort and the invitation, and return the invitation as it is now, with its state at `at`."""
    # The cohort's lock serialises joins, so that two links used at once create one membership; the
    # invitation's lock makes its uses exact. Always in this order.
    cohort = Cohort.objects.select_for_update().get(id=invitation.cohort_id)
    invitations = Invitation.objects.with_state(at).select_for_update().select_related("part")
    invitation = invitations.get(id=invitation.id)
    invitation.cohort = cohort
    return invitation


def open_requests(*, cohort: Cohort, account_id: UUID) -> QuerySet[JoinRequest]:
    """Filter the account's open request to join the cohort."""
    return JoinRequest.objects.filter(cohort=cohort, account_id=account_id, decided_at=None)


def give_use_back(*, request: JoinRequest) -> None:
    """Let somebody else use the invitation in place of a request that has ended without joining by it."""
    if request.invitation_id:
        Invitation.objects.filter(id=request.invitation_id, uses__gt=0).update(uses=F("uses") - 1)


def create_membership(
    *,
    cohort: Cohort,
    account_id: UUID,
    role: str,
    part: Part | None,
    consent_version: str,
    consent_given_at: datetime,
    by: UUID,
    at: datetime,
) -> Membership:
    """Create a membership with its consent and audit entries, and what a former one has.

    Call it with the cohort's row locked, and `publish_joined` after.
    """
    membership = Membership.objects.create(
        cohort=cohort, account_id=account_id, role=role, part=part, joined_at=at
    )
    record_consent(membership=membership, version=consent_version, given_at=consent_given_at)
    carry_over(membership=membership, at=at)
    for kind, value in ((AuditKind.ROLE, membership.role), (AuditKind.PART, part and part.name)):
        record_change(
            cohort_id=cohort.id,
            kind=kind,
            changes={"": (None, value)},
            subject_id=account_id,
            by=by,
            at=at,
        )
    return membership


def operators_of(*, cohort: Cohort) -> set[UUID]:
    """Return the accounts of the cohort's operators."""
    operators = Membership.objects.live().filter(cohort=cohort, role=Role.OPERATOR)
    return set(operators.values_list("account_id", flat=True))


def publish_joined(*, membership: Membership, is_welcomed: bool, at: datetime) -> None:
    """Publish that the membership began, to operators and, if `is_welcomed`, to the member.

    What waits of the member's pull requests is looked at again.
    """
    cohort, account_id = membership.cohort, membership.account_id
    decide_again(membership=membership)
    publish_membership_changed(membership=membership, at=at)
    recipients = operators_of(cohort=cohort) | ({account_id} if is_welcomed else set())
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


def chosen_part(*, invitation: Invitation, part_id: UUID | None) -> Part | None:
    """Return the part of the invitation, or the chosen one if it lets choose.

    Raise PartNotChosen or PartNotInCohort.
    """
    if not invitation.asks_for_part:
        return invitation.part
    parts = {part.id: part for part in invitation.cohort.parts.all()}
    if parts and part_id is None:
        raise PartNotChosen(field="part_id")
    if part_id is not None and part_id not in parts:
        raise PartNotInCohort(field="part_id")
    return parts[part_id] if part_id else None


def carry_over(*, membership: Membership, at: datetime) -> None:
    """Move the submissions, extensions, links and GitHub account of a former membership to the new one.

    Without it, one person could have two submissions to one mission. A GitHub account that another member
    has meanwhile stays there. Call it in the transaction that creates the membership.
    """
    former = Membership.objects.filter(
        cohort_id=membership.cohort_id, account_id=membership.account_id, left_at__isnull=False
    )
    before = former.select_for_update().order_by("-left_at", "-joined_at").first()
    if before is None:
        return
    for name in settings.REJOINING_SUBSCRIBERS:
        import_string(name)(former=before, membership=membership)
    if before.github_id is not None:
        try:
            github_id, login = before.github_id, before.github_login
            pin_github(membership=membership, github_id=github_id, login=login, by=None, at=at)
        except GitHubTaken:
            return
    elif before.github_login or before.github_claim:
        others = Membership.objects.live().filter(cohort_id=membership.cohort_id).exclude(id=membership.id)
        is_taken = others.filter(github_login=before.github_login).exists()
        membership.github_login = "" if is_taken else before.github_login
        membership.github_claim = before.github_claim
        membership.save(update_fields=["github_login", "github_claim"])
        record_change(
            cohort_id=membership.cohort_id,
            kind=AuditKind.GITHUB,
            changes={"": ("", membership.github_login)},
            subject_id=membership.account_id,
            by=None,
            at=at,
        )
