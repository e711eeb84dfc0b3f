"""Statuses of missions for a member, and the current week. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from study.cohorts.models import Week
from study.missions.models import CompletedBy, Mission
from study.missions.rules.deadlines import Deadline, display_status, is_after_deadline, is_handed_in

# Target time for a first review.
REVIEW_TARGET = timedelta(hours=24)

# Statuses, the least urgent first. A week shows its most urgent mission.
BY_URGENCY = ["", "not_yet", "merged", "completed", "released", "approved", "waiting", "resubmitted", "late"]
# Statuses of work that is not well, the least urgent first.
PROBLEMS = ["changes_requested", "closed", "reverted", "missing"]
BY_URGENCY += PROBLEMS


class Cell(NamedTuple):
    """The status of one mission for one member, and what it rests on."""

    status: str
    due_at: datetime
    is_handed_in: bool
    # The deadline has passed without a submission.
    is_missing: bool
    # Even the first attempt came after the deadline.
    is_late: bool
    submission_id: UUID | None

    @property
    def is_problem(self) -> bool:
        """Return True if the member has to act, and more than in time."""
        return self.status in PROBLEMS


def cell_of(mission: Mission, submission: Any, *, due_at: datetime, now: datetime) -> Cell:
    """Return the cell of a member with this submission, or without one.

    `submission` is None, or has `id`, `state`, `released_at` and `first_received_at`.
    """
    handed_in = submission is not None and is_handed_in(
        submission.state, reviewed=submission.released_at is not None
    )
    return Cell(
        status=display_status(
            state=submission.state if submission else None,
            received_at=submission.first_received_at if submission else None,
            released=bool(submission and submission.released_at)
            and mission.completed_by != CompletedBy.APPROVAL,
            opens_at=mission.opens_at,
            due_at=due_at,
            at=now,
        ),
        due_at=due_at,
        is_handed_in=handed_in,
        is_missing=not handed_in and now > due_at and mission.opens_at <= now,
        is_late=submission is not None and is_after_deadline(submission.first_received_at, due_at),
        submission_id=submission.id if submission else None,
    )


@dataclass(frozen=True)
class Task:
    """A mission as one member sees it at `now`."""

    mission: Mission
    deadline: Deadline
    # The member's, annotated with `first_received_at`, the time of its first attempt; None without one.
    submission: Any
    now: datetime

    @cached_property
    def cell(self) -> Cell:
        """Return what the overview shows of it."""
        return cell_of(self.mission, self.submission, due_at=self.deadline.at, now=self.now)

    @property
    def status(self) -> str:
        """Return the status, as used by `{% state "submission" … %}`."""
        return self.cell.status

    @property
    def is_open(self) -> bool:
        """Return True once the mission has opened."""
        return self.mission.opens_at <= self.now

    @property
    def is_actionable(self) -> bool:
        """Return True if the member has to act."""
        return self.is_open and (self.status == "not_yet" or self.cell.is_problem)

    @property
    def is_handed_in(self) -> bool:
        """Return True if there is work to grade."""
        return self.cell.is_handed_in

    @property
    def is_missing(self) -> bool:
        """Return True if the member's deadline has passed without a submission."""
        return self.cell.is_missing

    @property
    def is_late(self) -> bool:
        """Return True if even the first attempt came after the member's deadline."""
        return self.cell.is_late


def most_urgent_by_week(weeks: Iterable[Week], tasks: Sequence[Task]) -> list[tuple[Week, Task | None]]:
    """Return each week with its most urgent task, if any."""
    return [
        (
            week,
            max(
                (task for task in tasks if task.mission.week_id == week.id),
                key=lambda task: BY_URGENCY.index(task.status),
                default=None,
            ),
        )
        for week in weeks
    ]


def is_overdue(waits_since: datetime, now: datetime) -> bool:
    """Return True if a submission has waited for a mentor longer than REVIEW_TARGET."""
    return now - waits_since > REVIEW_TARGET


def current_week(weeks: Sequence[Week], today: date) -> Week | None:
    """Return the last week that has begun; None before the first, and from 14 days after the last began.

    `weeks` are in order; `today` is in the cohort's time zone.
    """
    begun = [week for week in weeks if week.starts_on <= today]
    if not begun or today >= begun[-1].starts_on + timedelta(days=14):
        return None
    return begun[-1]
