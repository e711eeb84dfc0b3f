"""The members of a cohort who need an operator, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max

from study.cohorts.models import Cohort
from study.cohorts.rules import day_in
from study.github.models import EventKind, TimelineEvent
from study.home.queries.overview import MemberRow, Overview
from study.home.rules import PROBLEMS
from study.missions.models import Mission
from study.reminders.models import Reminder, ReminderKind

NO_PART = "no_part"
REASONS = [*reversed(PROBLEMS), NO_PART]
# The events of a pull request that make it a problem.
_CAUSES = [EventKind.CLOSED, EventKind.CHANGES_REQUESTED]


@dataclass(frozen=True)
class Attention:
    """A member who needs an operator, and the most urgent reason."""

    member: Any
    # One of REASONS, and the missions of which it is true.
    reason: str
    missions: list[Mission]
    # None for a member without a part.
    since: datetime | None
    # Whole days since then.
    days: int | None
    submission_id: UUID | None
    # How often an operator has reminded the member of these missions, and when last.
    reminders: int
    reminded_at: datetime | None
    # A deadline was missed of which the member was not reminded today.
    can_remind: bool


@dataclass(frozen=True)
class NeedsAttention:
    """Who needs an operator, the most urgent first."""

    rows: list[Attention]

    @property
    def to_remind(self) -> int:
        """Return how many members can be reminded of what they missed."""
        return sum(row.can_remind for row in self.rows)


def needs_attention(cohort: Cohort, overview: Overview, *, now: datetime) -> NeedsAttention:
    """Return the members of the overview who need an operator. Two statements."""
    has_parts = bool(overview.parts)
    urgent = [row for row in overview.rows if row.has_problem or (has_parts and row.member.part_id is None)]
    accounts = {row.member.account_id for row in urgent}
    asked = Reminder.objects.filter(
        kind=ReminderKind.ASKED, mission__cohort=cohort, account_id__in=accounts
    ).values_list("account_id", "mission_id")
    reminders = {
        (account_id, mission_id): (count, last, window)
        for account_id, mission_id, count, last, window in asked.annotate(
            n=Count("id"), last=Max("created_at"), newest=Max("window")
        )
    }
    causes = _causes(urgent)
    today = day_in(cohort.time_zone, now).isoformat()
    rows = []
    for row in urgent:
        reason = _reason(row)
        columns = [n for n, cell in enumerate(row.cells) if cell and cell.status == reason]
        missions = [overview.missions[n] for n in columns]
        cells = [cell for n in columns if (cell := row.cells[n])]
        sent = [
            reminders[row.member.account_id, mission.id]
            for mission in missions
            if (row.member.account_id, mission.id) in reminders
        ]
        missed = {
            overview.missions[n].id
            for n, cell in enumerate(row.cells)
            if cell is not None and cell.is_missing
        }
        reminded_today = {
            mission_id
            for mission_id in missed
            if (found := reminders.get((row.member.account_id, mission_id))) and found[2] == today
        }
        starts = [
            cell.due_at if cell.is_missing and reason == "missing" else causes.get(cell.submission_id)
            for cell in cells
        ]
        since = min((at for at in starts if at), default=None)
        rows.append(
            Attention(
                member=row.member,
                reason=reason,
                missions=missions,
                since=since,
                days=(now - since).days if since else None,
                submission_id=cells[0].submission_id if cells else None,
                reminders=sum(count for count, _last, _window in sent),
                reminded_at=max((last for _count, last, _window in sent), default=None),
                can_remind=reminded_today < missed,
            )
        )
    return NeedsAttention(sorted(rows, key=_urgency))


def _reason(row: MemberRow) -> str:
    statuses = {cell.status for cell in row.cells if cell}
    return next((reason for reason in REASONS if reason in statuses), NO_PART)


def _urgency(row: Attention) -> tuple[int, int, float, str]:
    since = row.since.timestamp() if row.since else 0.0
    return REASONS.index(row.reason), -len(row.missions), since, row.member.name or ""


def _causes(rows: Sequence[MemberRow]) -> dict[UUID | None, datetime]:
    """Return when the pull request of each submission that is a problem was closed or sent back last."""
    ids: Iterable[UUID] = {
        cell.submission_id
        for row in rows
        for cell in row.cells
        if cell and cell.is_problem and cell.submission_id
    }
    events = TimelineEvent.objects.filter(kind__in=_CAUSES, pull_request__submission__in=ids)
    by_submission = events.values_list("pull_request__submission").annotate(last=Max("at"))
    return dict(by_submission.order_by())
