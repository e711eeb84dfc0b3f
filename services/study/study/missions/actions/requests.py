"""Members ask for more time; operators grant or decline it, several requests at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from chassis.account_mirror.rules import display_name
from chassis.errors import DomainError
from chassis.events.publish import publish
from study.cohorts.actions import ensure_open
from study.cohorts.models import Cohort, Membership, Role
from study.missions.actions.deadlines import (
    NoMoreTime,
    ReasonMissing,
    grant_extensions,
    lock_mission,
)
from study.missions.events import ExtensionRequestDecided, ExtensionRequested
from study.missions.models import Extension, ExtensionRequest, Mission, PartDeadline
from study.missions.rules.deadlines import (
    Deadline,
    deadline_from_row,
    effective_deadline,
    latest_extension,
    may_request_extension,
    mission_status,
)


class NotYourMission(DomainError):
    code = "not_your_mission"
    title = _("Only members who have this mission to do can ask for more time.")


class NoTimeToAsk(DomainError):
    code = "no_time_to_ask"
    title = _("You can ask once the mission is open, until it is completed or 30 days after its deadline.")


class AskedTimeOutOfRange(DomainError):
    code = "asked_time_out_of_range"
    title = _("Ask for a time that is still to come, after your deadline and at most 30 days after it.")
    status = 400


class NoSuchRequest(DomainError):
    code = "no_such_request"
    title = _("Not all of these are requests of this cohort.")
    status = 400


class RequestsNotOpen(DomainError):
    code = "requests_not_open"
    title = _("Withdrawn or decided meanwhile: %(names)s. Nothing was decided; select the others again.")


class RequestsNotTheirs(DomainError):
    code = "requests_not_theirs"
    title = _("No longer theirs to do: %(names)s. Nothing was decided; these can be declined.")


class NoTimeAsked(DomainError):
    code = "no_time_asked"
    title = _("They asked for no particular time: %(names)s. Give hours or an instant.")
    status = 400


class RequestsHaveTime(DomainError):
    code = "requests_have_time"
    title = _("They have this time already: %(names)s. Nothing was decided.")
    status = 400


@transaction.atomic
def request_extension(
    *, mission: Mission, membership: Membership, reason: str, asked_until: datetime | None, at: datetime
) -> ExtensionRequest:
    """Ask for more time on a mission, or edit the request that is open. Idempotent.

    The cohort's operators are notified once per request. Raise CohortClosed, NotYourMission, NoTimeToAsk,
    ReasonMissing or AskedTimeOutOfRange.
    """
    # Lock the membership first, in the order in which deliveries lock. It serialises their requests too.
    member = Membership.objects.select_for_update().get(id=membership.id)
    mission = lock_mission(mission=mission)
    if member.left_at is not None or not mission.is_for(member):
        raise NotYourMission
    row: Any = Mission.objects.for_membership(member).get(id=mission.id)
    deadline = deadline_from_row(row, base=row.due_at)
    status = mission_status(row, deadline=deadline, at=at)
    if not may_request_extension(status=status, opens_at=row.opens_at, deadline=deadline, at=at):
        raise NoTimeToAsk
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if asked_until and not max(deadline.at, at) < asked_until <= latest_extension(deadline):
        raise AskedTimeOutOfRange(field="asked_until")
    request, is_new = ExtensionRequest.objects.open().update_or_create(
        mission=mission,
        account_id=member.account_id,
        defaults={"reason": reason.strip(), "asked_until": asked_until},
        create_defaults={
            "cohort_id": mission.cohort_id,
            "reason": reason.strip(),
            "asked_until": asked_until,
            "created_at": at,
        },
    )
    if is_new:
        operators = Membership.objects.live().filter(cohort=mission.cohort_id, role=Role.OPERATOR)
        publish(
            ExtensionRequested(
                request_id=request.id,
                mission_id=mission.id,
                cohort_id=mission.cohort_id,
                mission_title=mission.title,
                member_id=member.account_id,
                recipients=list(operators.order_by("account_id").values_list("account_id", flat=True)),
            ),
            at=at,
        )
    return request


@transaction.atomic
def withdraw_extension_request(*, mission: Mission, account_id: UUID, at: datetime) -> bool:
    """Withdraw the account's open request and erase its reason; return whether there was one. Idempotent."""
    mine = ExtensionRequest.objects.open().filter(mission=mission, account_id=account_id)
    return mine.update(withdrawn_at=at, reason="") > 0


@transaction.atomic
def decide_extension_requests(
    *,
    cohort: Cohort,
    request_ids: Collection[UUID],
    granted: bool,
    hours: int | None = None,
    until: datetime | None = None,
    answer: str = "",
    by: UUID,
    at: datetime,
) -> list[ExtensionRequest]:
    """Grant or decline several requests, all or none, and notify their members.

    Grant `hours` from the deadline without an extension, or time until an instant; with neither, each until
    the time that was asked for. The answer becomes the reason of the extension. Raise CohortClosed,
    NoSuchRequest, RequestsNotOpen, RequestsNotTheirs, NoTimeAsked, RequestsHaveTime or ExtensionTooLong.
    """
    ensure_open(cohort=cohort)
    answer = answer.strip()
    named = list(ExtensionRequest.objects.filter(id__in=set(request_ids), cohort=cohort))
    if len(named) != len(set(request_ids)):
        raise NoSuchRequest(field="request_ids")
    # Lock memberships, then missions, then requests, in the order in which members and deliveries lock.
    accounts = {request.account_id for request in named}
    memberships = Membership.objects.select_for_update().filter(cohort=cohort, account_id__in=accounts)
    members = {row.account_id: row for row in memberships.order_by("id") if row.left_at is None}
    missions = {
        mission.id: lock_mission(mission=mission)
        for mission in Mission.objects.filter(id__in={request.mission_id for request in named}).order_by("id")
    }
    rows = ExtensionRequest.objects.select_for_update().filter(id__in=[request.id for request in named])
    requests = list(rows.order_by("id"))
    for request in requests:
        request.mission = missions[request.mission_id]
    if closed := [request for request in requests if request.decided_at or request.withdrawn_at]:
        raise RequestsNotOpen(field="request_ids", names=_names(closed))
    deadlines: dict[UUID, Deadline] = {}
    if granted:
        deadlines = _grant(requests, members, hours=hours, until=until, answer=answer, by=by, at=at)
    for request in requests:
        request.decided_at, request.decided_by = at, by
        request.granted, request.answer = granted, answer
        request.granted_until = deadlines[request.id].at if granted else None
        request.save(update_fields=["decided_at", "decided_by", "granted", "granted_until", "answer"])
        publish(
            ExtensionRequestDecided(
                request_id=request.id,
                mission_id=request.mission_id,
                cohort_id=cohort.id,
                mission_title=request.mission.title,
                member_id=request.account_id,
                granted=granted,
                due_at=request.granted_until,
                answer=answer,
                recipients=[request.account_id],
            ),
            at=at,
        )
    return requests


def _grant(
    requests: list[ExtensionRequest],
    members: dict[UUID, Membership],
    *,
    hours: int | None,
    until: datetime | None,
    answer: str,
    by: UUID,
    at: datetime,
) -> dict[UUID, Deadline]:
    """Grant the extensions by mission and time; return the new deadlines by request."""
    others = [
        request
        for request in requests
        if request.account_id not in members or not request.mission.is_for(members[request.account_id])
    ]
    if others:
        raise RequestsNotTheirs(field="request_ids", names=_names(others))
    groups: dict[tuple[UUID, datetime | None], list[ExtensionRequest]] = defaultdict(list)
    for request in requests:
        each_until = until or (None if hours else request.asked_until)
        groups[request.mission_id, each_until].append(request)
    without = [request for request in requests if not (hours or until or request.asked_until)]
    if without:
        raise NoTimeAsked(field="hours", names=_names(without))
    deadlines: dict[UUID, Deadline] = {}
    for (_mission_id, each_until), group in groups.items():
        extensions = _extensions(
            group,
            [members[request.account_id].id for request in group],
            # Grants have a reason, which mentors read too: not what the member wrote to the operators.
            reason=answer or str(_("Granted as requested")),
            hours=None if each_until else hours,
            until=each_until,
            by=by,
            at=at,
        )
        parts = dict(PartDeadline.objects.filter(mission=group[0].mission).values_list("part_id", "due_at"))
        for request in group:
            member = members[request.account_id]
            deadlines[request.id] = effective_deadline(
                base=request.mission.due_at,
                part=parts.get(member.part_id) if member.part_id else None,
                extension=extensions[member.id],
            )
    return deadlines


def _extensions(
    group: list[ExtensionRequest],
    membership_ids: list[UUID],
    *,
    reason: str,
    hours: int | None,
    until: datetime | None,
    by: UUID,
    at: datetime,
) -> dict[UUID, Extension]:
    """Grant extensions of one mission; return them by membership. Raise unless everybody gets more time."""
    try:
        granted = grant_extensions(
            mission=group[0].mission,
            membership_ids=membership_ids,
            hours=hours,
            until=until,
            reason=reason,
            granted_by=by,
            at=at,
        )
    except NoMoreTime:
        granted = []
    extensions = {extension.membership_id: extension for extension in granted}
    has_time = [request for request, id_ in zip(group, membership_ids, strict=True) if id_ not in extensions]
    if has_time:
        raise RequestsHaveTime(field="until" if until else "hours", names=_names(has_time))
    return extensions


def _names(requests: Iterable[ExtensionRequest]) -> str:
    found = list(requests)
    names = AccountMirror.objects.names(request.account_id for request in found)
    texts = (f"{display_name(names.get(row.account_id))} ({row.mission.title})" for row in found)
    return ", ".join(sorted(texts))


@transaction.atomic
def delete_extension_requests(*, account_id: UUID) -> None:
    """Delete what a closed account asked for, with its reasons. Idempotent."""
    ExtensionRequest.objects.filter(account_id=account_id).delete()
