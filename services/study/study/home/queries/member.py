"""A member as an operator sees them: missions, reminders and extensions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from study.cohorts.models import Membership
from study.home.queries.week import MyWeek, my_week
from study.home.rules import Task
from study.missions.models import Extension
from study.reminders.models import Reminder, ReminderKind

MAX_CONTACTS = 20


@dataclass(frozen=True)
class MemberProgress:
    """A member's missions in their order, and what was done about them, the newest first."""

    week: MyWeek
    reminders: list[Reminder]
    extensions: list[Any]

    @property
    def tasks(self) -> list[Task]:
        """Return the missions that have opened."""
        return [task for task in self.week.tasks if task.is_open]

    @property
    def missing(self) -> list[Task]:
        """Return the missions whose deadline has passed without a submission."""
        return [task for task in self.tasks if task.is_missing]

    @property
    def late(self) -> int:
        """Return the number of missions whose first attempt came after the deadline."""
        return sum(task.is_late for task in self.tasks)

    @property
    def submitted(self) -> int:
        """Return the number of missions with work to grade."""
        return sum(task.is_handed_in for task in self.tasks)

    @property
    def points(self) -> tuple[int, int]:
        """Return the points of the released reviews, and how many there could have been."""
        scored = [task.submission for task in self.tasks if task.submission and task.submission.released_at]
        return sum(row.points or 0 for row in scored), sum(row.max_points or 0 for row in scored)


def member_progress(membership: Membership, *, now: datetime) -> MemberProgress:
    """Return the missions of the member, and the newest reminders and extensions. Four statements."""
    reminders = Reminder.objects.filter(
        account_id=membership.account_id, mission__cohort=membership.cohort_id
    )
    extensions = Extension.objects.active().filter(membership=membership).select_related("mission")
    return MemberProgress(
        week=my_week(membership, now=now),
        reminders=list(
            reminders.exclude(kind=ReminderKind.KNOWN)
            .select_related("mission")
            .order_by("-created_at", "-id")[:MAX_CONTACTS]
        ),
        extensions=list(extensions.newest_first()[:MAX_CONTACTS]),
    )
