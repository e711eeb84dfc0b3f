"""What a copy of a cohort contains, and when: dates move by whole weeks in the cohort's time zone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from study.announcements.models import Announcement
from study.cohorts.models import Membership, Team, Week
from study.cohorts.rules import WEEK
from study.missions.models import Mission


@dataclass(frozen=True)
class PlannedMission:
    """A mission of the source with its times and repositories in the copy."""

    source: Mission
    opens_at: datetime
    due_at: datetime
    # By the source's parts.
    part_deadlines: Mapping[UUID, datetime]
    # "" without one.
    repository: str
    other_repositories: Sequence[str]

    @property
    def all_repositories(self) -> list[str]:
        """Return the names of every repository from which its pull requests come."""
        return [*filter(None, [self.repository]), *self.other_repositories]

    @property
    def source_repositories(self) -> list[str]:
        """Return the names that these have in the source."""
        return [*filter(None, [self.source.repository]), *self.source.other_repositories]


@dataclass(frozen=True)
class CopyPlan:
    """What a copy would contain: weeks with their new first days, missions, and whom it invites.

    The announcements are drafts there, with the time that their publication moves to.
    """

    title: str
    weeks_later: int
    people: Sequence[Membership]
    weeks: Sequence[tuple[Week, date]]
    missions: Sequence[PlannedMission]
    announcements: Sequence[tuple[Announcement, datetime]]

    @property
    def teams(self) -> list[Team]:
        """Return the teams of the source that missions or announcements are for, by name. No query."""
        teams = {planned.source.team for planned in self.missions}
        teams |= {row.team for row, _planned_for in self.announcements}
        return sorted(filter(None, teams), key=lambda team: team.name)


def weeks_between(first: date, day: date) -> int | None:
    """Return how many whole weeks `day` is after `first`, negative before it; None on another weekday."""
    weeks, days = divmod((day - first).days, 7)
    return None if days else weeks


def nearest_days(first: date, day: date) -> tuple[date, date]:
    """Return the last day before `day` and the first one after it with the weekday of `first`."""
    before = day - timedelta(days=(day - first).days % 7)
    return before, before + WEEK


def move(at: datetime, *, weeks: int, zone: str) -> datetime:
    """Return the same time of day that many weeks later on the clocks of the zone; in UTC.

    A time that clocks skip moves on by what they skip. Raises OverflowError outside of years 1 to 9999.
    """
    local = at.astimezone(ZoneInfo(zone))
    # Adding a timedelta forgets which of two equal times it is, as clocks go back.
    first, second = ((local + weeks * WEEK).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    # Of a time that clocks skip, the second one is before what they skip.
    return max(first, second) if local.fold else first


def move_after(at: datetime, *, weeks: int, zone: str, start: datetime, moved_start: datetime) -> datetime:
    """Return `at` moved; if it was after `start` and a change of clocks undoes that, by the same distance."""
    moved = move(at, weeks=weeks, zone=zone)
    return moved_start + (at - start) if moved <= moved_start and at > start else moved


def plan_copy(
    *,
    title: str,
    people: Sequence[Membership],
    weeks: Iterable[Week],
    missions: Iterable[Mission],
    announcements: Iterable[Announcement],
    weeks_later: int,
    zone: str,
    repositories: Mapping[str, str],
) -> CopyPlan:
    """Return the plan.

    Missions are read with their team, part deadlines and repositories, and announcements with their team.
    `repositories` are new names by old ones.
    """
    return CopyPlan(
        title=title,
        weeks_later=weeks_later,
        people=people,
        weeks=[(week, week.starts_on + weeks_later * WEEK) for week in weeks],
        missions=[_plan_mission(mission, weeks_later, zone, repositories) for mission in missions],
        announcements=[(row, move(row.published_at, weeks=weeks_later, zone=zone)) for row in announcements],
    )


def _plan_mission(mission: Mission, weeks: int, zone: str, repositories: Mapping[str, str]) -> PlannedMission:
    opens_at = move(mission.opens_at, weeks=weeks, zone=zone)
    due_at = move_after(mission.due_at, weeks=weeks, zone=zone, start=mission.opens_at, moved_start=opens_at)
    return PlannedMission(
        source=mission,
        opens_at=opens_at,
        due_at=due_at,
        part_deadlines={
            row.part_id: move_after(
                row.due_at, weeks=weeks, zone=zone, start=mission.due_at, moved_start=due_at
            )
            for row in mission.part_deadlines.all()
        },
        repository=repositories.get(mission.repository, mission.repository),
        other_repositories=[repositories.get(name, name) for name in mission.other_repositories],
    )
