"""Read models of the navigation and of a member's week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from study.cohorts.models import Membership, Week
from study.home.rules import SubmissionFacts, WeekDay, compute_status, current_week, is_actionable, urgency
from study.missions.models import Mission
from study.missions.queries import deadline_of
from study.missions.rules import Deadline


def memberships(account_id: UUID) -> list[Membership]:
    """Return the account's live memberships with cohorts, the newest first. One query."""
    mine = Membership.objects.live().filter(account_id=account_id)
    return list(mine.select_related("cohort").order_by("-joined_at", "id"))


@dataclass(frozen=True)
class Task:
    """A mission as one member sees it."""

    id: UUID
    title: str
    week: int
    repository: str
    opens_at: datetime
    deadline: Deadline
    status: str
    submission_id: UUID | None
    points: int | None
    max_points: int | None

    @property
    def is_actionable(self) -> bool:
        return is_actionable(self.status)


@dataclass(frozen=True)
class MyWeek:
    """A member's missions with their status."""

    week: WeekDay | None
    weeks: list[WeekDay]
    tasks: list[Task]
    now: datetime
    is_closed: bool

    @property
    def todo(self) -> list[Task]:
        """Return open missions that need the member, by deadline; empty if the cohort is closed."""
        if self.is_closed:
            return []
        open_now = [task for task in self.tasks if task.is_actionable and task.opens_at <= self.now]
        return sorted(open_now, key=lambda task: task.deadline.at)

    @property
    def waiting(self) -> list[Task]:
        """Return submitted missions that wait for a mentor."""
        return [task for task in self.tasks if task.status in {"waiting", "resubmitted", "late", "approved"}]

    @property
    def upcoming(self) -> list[Task]:
        """Return missions that open later, the next first."""
        return sorted((task for task in self.tasks if task.opens_at > self.now), key=lambda t: t.opens_at)

    @property
    def missions_by_week(self) -> list[tuple[WeekDay, Task | None]]:
        """Return each week with its most urgent mission, if any."""
        by_week: dict[int, Task] = {}
        for task in sorted(self.tasks, key=lambda task: urgency(task.status)):
            by_week[task.week] = task
        return [(week, by_week.get(week.number)) for week in self.weeks]


def my_week(membership: Membership, *, now: datetime) -> MyWeek:
    """Return the member's week. Two queries."""
    weeks = [
        WeekDay(number, starts_on)
        for number, starts_on in Week.objects.filter(cohort_id=membership.cohort_id)
        .order_by("number")
        .values_list("number", "starts_on")
    ]
    missions = (
        Mission.objects.filter(cohort_id=membership.cohort_id)
        .filter(Q(part=None) | Q(part_id=membership.part_id))
        .for_membership(membership)
        .annotate(points=F("mine__points"), max_points=F("mine__max_points"))
        .select_related("week")
        .order_by("week__number", "due_at", "id")
    )
    today = now.astimezone(ZoneInfo(membership.cohort.time_zone)).date()
    return MyWeek(
        week=current_week(weeks, today),
        weeks=weeks,
        tasks=[_task(mission, membership, now) for mission in missions],
        now=now,
        is_closed=membership.cohort.closed_at is not None,
    )


def _task(mission: Any, membership: Membership, now: datetime) -> Task:
    deadline = deadline_of(mission, membership)
    submission = None
    if mission.submission_id:
        released = mission.submission_released_at is not None
        received_at = mission.submission_received_at
        submission = SubmissionFacts(mission.submission_id, mission.submission_state, received_at, released)
    return Task(
        id=mission.id,
        title=mission.title,
        week=mission.week.number,
        repository=mission.repository,
        opens_at=mission.opens_at,
        deadline=deadline,
        status=compute_status(submission, opens_at=mission.opens_at, due_at=deadline.at, now=now),
        submission_id=mission.submission_id,
        points=mission.points,
        max_points=mission.max_points,
    )
