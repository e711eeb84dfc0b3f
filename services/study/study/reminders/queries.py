"""Where reminders and digests may be due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Membership
from study.missions.models import Extension, Mission, PartDeadline
from study.missions.rules.deadlines import MAX_EXTENSION_HOURS
from study.reminders.models import Reminder, ReviewDigest
from study.reminders.rules import digest_time
from study.submissions.models import Submission
from study.submissions.queries.unsubmitted import list_unsubmitted_by_name

MAX_EXTENSION = timedelta(hours=MAX_EXTENSION_HOURS)


def open_missions(at: datetime) -> list[UUID]:
    """Return missions that have opened in open cohorts and whose deadline may lie ahead for somebody.

    In the order of their cohorts. Two statements, by index from the deadline on: missions that ended long ago
    cost nothing.
    """
    opened = Mission.objects.filter(cohort__closed_at=None, opens_at__lte=at)
    is_prolonged = Exists(Extension.objects.active().filter(mission=OuterRef("id")))
    by_mission = opened.filter(due_at__gt=at - MAX_EXTENSION).filter(Q(due_at__gt=at) | Q(is_prolonged))
    by_part = PartDeadline.objects.filter(due_at__gt=at - MAX_EXTENSION, mission__in=opened)
    found = {
        *by_mission.values_list("cohort_id", "id"),
        *by_part.values_list("mission__cohort_id", "mission_id"),
    }
    return [mission_id for _cohort_id, mission_id in sorted(found)]


def list_to_remind(mission: Mission, *, at: datetime) -> list[Any]:
    """Return list_unsubmitted_by_name, each with `is_reminded`: whether an operator did so today."""
    members = list_unsubmitted_by_name(mission)
    reminded = Reminder.objects.asked_accounts(mission, at=at)
    for member in members:
        member.is_reminded = member.account_id in reminded
    return members


def due_digests(at: datetime) -> dict[UUID, datetime]:
    """Return reviewers for whom something waits and whose digest may be sent now and was not today.

    Each with 09:00 of that day in their zone: the account's, the cohort's while the account is unknown. Four
    statements.
    """
    reviewers = Membership.objects.reviewers().filter(cohort__closed_at=None)
    zones = dict(reviewers.order_by("joined_at").values_list("account_id", "cohort__time_zone"))
    zones |= dict(AccountMirror.objects.filter(account_id__in=zones).values_list("account_id", "time_zone"))
    times = {account_id: nine for account_id, zone in zones.items() if (nine := digest_time(zone, at))}
    sent = ReviewDigest.objects.filter(account_id__in=times, day__in={nine.date() for nine in times.values()})
    is_sent = {(row.account_id, row.day) for row in sent}
    waiting = Submission.objects.filter(
        mentor_id__in=times, awaits_review=True, waiting_since__lte=at, mission__cohort__closed_at=None
    )
    has_waiting = set(waiting.values_list("mentor_id", flat=True).distinct())
    return {
        account_id: nine
        for account_id, nine in times.items()
        if account_id in has_waiting and (account_id, nine.date()) not in is_sent
    }
