"""A member's week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from study.cohorts.models import Membership, Week
from study.cohorts.queries import weeks_of
from study.cohorts.rules import day_in
from study.home.rules import Task, current_week, most_urgent_by_week
from study.missions.models import Mission
from study.missions.queries.deadlines import deadline_of
from study.submissions.models import Submission


@dataclass(frozen=True)
class MyWeek:
    """A member's tasks, by week and deadline."""

    week: Week | None
    weeks: list[Week]
    tasks: list[Task]
    is_closed: bool

    @property
    def todo(self) -> list[Task]:
        """Return open missions that need the member, by deadline; empty if the cohort is closed."""
        actionable = [task for task in self.tasks if task.is_actionable and not self.is_closed]
        return sorted(actionable, key=lambda task: task.deadline.at)

    @property
    def waiting(self) -> list[Task]:
        """Return submitted missions that wait for a mentor."""
        return [task for task in self.tasks if task.status in {"waiting", "resubmitted", "late", "approved"}]

    @property
    def upcoming(self) -> list[Task]:
        """Return missions that open later, the next first."""
        later = [task for task in self.tasks if not task.is_open]
        return sorted(later, key=lambda task: task.mission.opens_at)

    @property
    def missions_by_week(self) -> list[tuple[Week, Task | None]]:
        """Return each week with its most urgent task, if any."""
        return most_urgent_by_week(self.weeks, self.tasks)


def my_week(membership: Membership, *, now: datetime) -> MyWeek:
    """Return the member's week."""
    cohort = membership.cohort
    weeks = weeks_of(cohort)
    missions = (
        Mission.objects.filter(cohort=cohort)
        .of_member(membership)
        .for_membership(membership)
        .select_related("team", "week", "github_repository")
        .order_by("week__number", "due_at", "id")
    )
    mine: Any = Submission.objects.filter(membership=membership).with_first_attempt()
    submissions = {row.mission_id: row for row in mine}
    return MyWeek(
        week=current_week(weeks, day_in(cohort.time_zone, now)),
        weeks=weeks,
        tasks=[
            Task(mission, deadline_of(mission, membership), submissions.get(mission.id), now)
            for mission in missions
        ],
        is_closed=cohort.closed_at is not None,
    )
