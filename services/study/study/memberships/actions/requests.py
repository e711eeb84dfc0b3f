"""Requests to join a cohort by a shared invitation: made, withdrawn, approved and declined by operators."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from chassis.account_mirror.rules import display_name
from chassis.errors import DomainError
from chassis.events.publish import publish
from chassis.retention import delete_in_batches
from study.audit.actions import record_change
from study.cohorts.actions import ensure_open
from study.cohorts.models import AuditKind, Cohort, Membership, Part
from study.memberships.actions.consents import ensure_current
from study.memberships.actions.invitations import PartNotInCohort
from study.memberships.actions.joining import (
    chosen_part,
    create_membership,
    give_use_back,
    join_error,
    join_locked,
    lock_invitation,
    operators_of,
    publish_joined,
)
from study.memberships.events import JoinRequestDecided, JoinRequested
from study.memberships.models import Invitation, JoinRequest, JoinRequestState
from study.memberships.rules import CONSENT_VERSION

# How long a request is kept after it was approved, declined or withdrawn.
MAX_DECIDED_AGE = timedelta(days=30)


class RequestDecided(DomainError):
    code = "join_request_decided"
    title = _("The organizers have decided on your request already.")


class RequestsDecided(DomainError):
    code = "join_requests_decided"
    title = _("Decided or withdrawn meanwhile: %(names)s. Nothing was changed; choose again.")


class RequestNotInCohort(DomainError):
    code = "join_request_not_in_cohort"
    title = _("One of these requests is not there any more. Choose again.")


@transaction.atomic
def use_invitation(
    *,
    invitation: Invitation,
    account_id: UUID,
    consent_version: str | None,
    part_id: UUID | None = None,
    message: str = "",
    at: datetime,
) -> Membership | JoinRequest:
    """Join by the invitation, or create a request to join if it needs an approval.

    A request holds one use of the invitation, and publishes JoinRequested. `message` is for the operators,
    and not used by who joins at once. Raise what `join` raises.
    """
    invitation = lock_invitation(invitation=invitation, at=at)
    if not invitation.needs_approval:
        return join_locked(
            invitation=invitation,
            account_id=account_id,
            consent_version=consent_version,
            part_id=part_id,
            at=at,
        )
    if error := join_error(invitation=invitation, account_id=account_id):
        raise error
    ensure_current(version=consent_version)
    cohort = invitation.cohort
    request = JoinRequest.objects.create(
        cohort=cohort,
        account_id=account_id,
        invitation=invitation,
        role=invitation.role,
        part=chosen_part(invitation=invitation, part_id=part_id),
        message=message,
        consent_version=CONSENT_VERSION,
        consent_given_at=at,
        created_at=at,
    )
    invitation.uses += 1
    invitation.save(update_fields=["uses"])
    publish(
        JoinRequested(
            request_id=request.id,
            cohort_id=cohort.id,
            cohort_title=cohort.title,
            account_id=account_id,
            role=request.role,
            recipients=sorted(operators_of(cohort=cohort)),
        ),
        at=at,
    )
    return request


@transaction.atomic
def withdraw_request(*, request: JoinRequest, at: datetime) -> JoinRequest:
    """Withdraw an open request and delete its message. Idempotent.

    Raise RequestDecided if it was approved or declined.
    """
    Cohort.objects.select_for_update().get(id=request.cohort_id)
    request = JoinRequest.objects.select_for_update().get(id=request.id)
    if request.state == JoinRequestState.WITHDRAWN:
        return request
    if request.state != JoinRequestState.OPEN:
        raise RequestDecided
    request.decided_at, request.decided_by, request.message = at, request.account_id, ""
    request.save(update_fields=["decided_at", "decided_by", "message"])
    give_use_back(request=request)
    return request


@transaction.atomic
def decide_requests(
    *,
    cohort: Cohort,
    request_ids: Collection[UUID],
    approve: bool,
    part_id: UUID | None = None,
    by: UUID,
    at: datetime,
) -> list[JoinRequest]:
    """Approve or decline several requests; all or none. Idempotent, also for who is a member meanwhile.

    `part_id` replaces the part of those approved; None keeps it. Raise RequestsDecided if one was decided
    otherwise or withdrawn, RequestNotInCohort, PartNotInCohort, or CohortClosed for an approval.
    """
    cohort = Cohort.objects.select_for_update().get(id=cohort.id)
    rows = JoinRequest.objects.select_for_update(of=("self",)).select_related("part")
    requests = list(rows.filter(cohort=cohort, id__in=request_ids).order_by("created_at", "id"))
    if len(requests) != len(set(request_ids)):
        raise RequestNotInCohort(field="request_ids")
    part = None
    if approve:
        ensure_open(cohort=cohort)
        part = Part.objects.filter(id=part_id, cohort=cohort).first() if part_id else None
        if part_id and part is None:
            raise PartNotInCohort(field="part_id")
    wanted = JoinRequestState.APPROVED if approve else JoinRequestState.DECLINED
    if others := [row for row in requests if row.state not in {JoinRequestState.OPEN, wanted}]:
        names = AccountMirror.objects.names([row.account_id for row in others])
        shown = ", ".join(display_name(names.get(row.account_id)) for row in others)
        raise RequestsDecided(field="request_ids", names=shown)
    for request in requests:
        if request.state == JoinRequestState.OPEN:
            request.cohort, request.part = cohort, part or request.part
            _decide(request, approve=approve, by=by, at=at)
    return requests


def _decide(request: JoinRequest, *, approve: bool, by: UUID, at: datetime) -> None:
    request.decided_at, request.decided_by, request.approved = at, by, approve
    request.save(update_fields=["part", "decided_at", "decided_by", "approved"])
    members = Membership.objects.live().filter(cohort=request.cohort)
    if approve and members.filter(account_id=request.account_id).exists():
        # Joined in another way, such as appointed by an owner: who is in already is not notified.
        give_use_back(request=request)
        return
    if approve:
        membership = create_membership(
            cohort=request.cohort,
            account_id=request.account_id,
            role=request.role,
            part=request.part,
            consent_version=request.consent_version,
            consent_given_at=request.consent_given_at,
            by=by,
            at=at,
        )
        publish_joined(membership=membership, is_welcomed=False, at=at)
    else:
        give_use_back(request=request)
        record_change(
            cohort_id=request.cohort_id,
            kind=AuditKind.JOIN_REQUEST,
            changes={"": (request.role, None)},
            subject_id=request.account_id,
            by=by,
            at=at,
        )
    publish(
        JoinRequestDecided(
            request_id=request.id,
            cohort_id=request.cohort_id,
            cohort_title=request.cohort.title,
            approved=approve,
            role=request.role,
            recipients=[request.account_id],
        ),
        at=at,
    )


def delete_old_requests(*, at: datetime) -> Iterator[int]:
    """Delete requests decided or withdrawn MAX_DECIDED_AGE ago; yield the size of each batch."""
    yield from delete_in_batches(JoinRequest.objects.filter(decided_at__lt=at - MAX_DECIDED_AGE))


@transaction.atomic
def delete_requests(*, account_id: UUID) -> None:
    """Delete every request of the account, and give the uses of open ones back. Idempotent."""
    rows = JoinRequest.objects.filter(account_id=account_id)
    for cohort_id in rows.order_by("cohort_id").values_list("cohort_id", flat=True).distinct():
        Cohort.objects.select_for_update().get(id=cohort_id)
    for request in rows.select_for_update():
        if request.state == JoinRequestState.OPEN:
            give_use_back(request=request)
        request.delete()
