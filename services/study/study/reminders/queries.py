"""Read models of reminders: what is due, and who has not submitted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Count, Exists, Min, OuterRef, Q

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Membership, Role
from study.missions.forms.deadlines import MAX_EXTENSION_HOURS
from study.missions.models import Extension, Mission, PartDeadline
from study.missions.queries.deadlines import deadlines_of
from study.missions.rules.deadlines import Deadline
from study.reminders.models import Reminder, ReviewDigest
from study.reminders.rules import digest_time, next_reminder
from study.submissions.models import Submission

MAX_EXTENSION = timedelta(hours=MAX_EXTENSION_HOURS)


def open_missions(at: datetime) -> list[UUID]:
    """Return missions that have opened in open cohorts and whose deadline may lie ahead for somebody.

    Two statements, by index from the deadline on: missions that ended long ago cost nothing.
    """
    opened = Mission.objects.filter(cohort__closed_at=None, opens_at__lte=at)
    is_prolonged = Exists(Extension.objects.active().filter(mission=OuterRef("id")))
    by_mission = opened.filter(due_at__gt=at - MAX_EXTENSION).filter(Q(due_at__gt=at) | is_prolonged)
    by_part = PartDeadline.objects.filter(due_at__gt=at - MAX_EXTENSION, mission__in=opened)
    ids = {*by_mission.values_list("id", flat=True), *by_part.values_list("mission_id", flat=True)}
    return sorted(ids)


def due_reminders(missions: Collection[Mission], at: datetime) -> list[Reminder]:
    """Return the reminders that are due, unsaved. Five statements, however many missions."""
    sent: dict[tuple[UUID, UUID], list[Reminder]] = defaultdict(list)
    for row in Reminder.objects.filter(mission__in=missions).order_by("id"):
        sent[row.mission_id, row.account_id].append(row)
    reminders = []
    for mission, membership, deadline in _without_submission(missions):
        account_id = membership.account_id
        reminder = next_reminder(
            opens_at=mission.opens_at,
            due_at=deadline.at,
            is_handed_in=False,
            sent=sent[mission.id, account_id],
            at=at,
        )
        if reminder:
            kind, window = reminder
            row = Reminder(mission=mission, account_id=account_id, kind=kind, window=window)
            row.due_at, row.created_at = deadline.at, at
            reminders.append(row)
    return reminders


def missions_to_remind(at: datetime, *, batch_size: int) -> Iterator[UUID]:
    """Yield the missions of which a reminder is due. Six statements for each batch, and two."""
    ids = open_missions(at)
    for start in range(0, len(ids), batch_size):
        missions = Mission.objects.in_bulk(ids[start : start + batch_size]).values()
        yield from sorted({reminder.mission_id for reminder in due_reminders(missions, at)})


def members_without_submission(mission: Mission) -> list[Any]:
    """Return the members who have the mission to do and have not handed it in, by name.

    Each has the `deadline` that binds them, and a `name`, "" if the account is unknown. Five statements.
    """
    found = [(member, deadline) for _mission, member, deadline in _without_submission([mission])]
    names = AccountMirror.objects.names(member.account_id for member, _deadline in found)
    members: list[Any] = []
    for member, deadline in found:
        member.name, member.deadline = names.get(member.account_id, ""), deadline
        members.append(member)
    return sorted(members, key=lambda member: (member.name, member.id))


def _without_submission(missions: Collection[Mission]) -> Iterator[tuple[Mission, Any, Deadline]]:
    """Yield missions with each member who has them to do and has not handed anything in. Four statements."""
    cohort_ids = {mission.cohort_id for mission in missions}
    members: dict[UUID, list[Any]] = defaultdict(list)
    for member in Membership.objects.live().filter(cohort__in=cohort_ids, role=Role.MEMBER):
        members[member.cohort_id].append(member)
    handed_in = set(
        Submission.objects.handed_in().filter(mission__in=missions).values_list("mission_id", "membership_id")
    )
    deadline_of = deadlines_of(missions)
    for mission in missions:
        for member in members[mission.cohort_id]:
            is_theirs = mission.part_id in {None, member.part_id}
            if is_theirs and (mission.id, member.id) not in handed_in:
                yield mission, member, deadline_of(mission, member)


def due_digests(at: datetime) -> dict[UUID, datetime]:
    """Return reviewers whose digest may be sent now and was not today, with 09:00 of that day in their zone.

    The zone is the reviewer's, the cohort's while their account is unknown. Three statements.
    """
    reviewers = Membership.objects.reviewers().filter(cohort__closed_at=None)
    zones = dict(reviewers.order_by("joined_at").values_list("account_id", "cohort__time_zone"))
    zones |= dict(AccountMirror.objects.filter(account_id__in=zones).values_list("account_id", "time_zone"))
    times = {account_id: nine for account_id, zone in zones.items() if (nine := _digest_time(zone, at))}
    sent = ReviewDigest.objects.filter(account_id__in=times, day__in={nine.date() for nine in times.values()})
    is_sent = {(row.account_id, row.day) for row in sent}
    return {
        account_id: nine for account_id, nine in times.items() if (account_id, nine.date()) not in is_sent
    }


def _digest_time(time_zone: str, at: datetime) -> datetime | None:
    try:
        return digest_time(time_zone, at)
    except (ZoneInfoNotFoundError, ValueError):
        return digest_time("Asia/Seoul", at)


def waiting_reviews(account_id: UUID, *, since: datetime) -> tuple[int, datetime | None]:
    """Return how many submissions in open cohorts waited for the reviewer at `since` and still do.

    And since when the oldest of them waits. One statement.
    """
    waiting = (
        Submission.objects.assigned()
        .filter(mentor_id=account_id, awaits_review=True, waiting_since__lte=since)
        .filter(mission__cohort__closed_at=None)
        .exclude(account_id=account_id)
    )
    counts = waiting.aggregate(count=Count("id"), oldest=Min("waiting_since"))
    return counts["count"], counts["oldest"]
