"""What importing a sheet would do: which mission falls in which week, and what has to be made for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from study.missions.models import CompletedBy
from study.missions.rules.deadlines import week_deadline, week_opens


@dataclass(frozen=True)
class SheetRow:
    """One mission as the sheet gives it. `part` is "" for everyone; `repository` is lower-case owner/name.

    `completed_by` is a value of CompletedBy.
    """

    line: int
    part: str
    order: int
    title: str
    repository: str
    completed_by: str = CompletedBy.REVIEW

    def get_completed_by_display(self) -> str:
        """Return what completes the mission, in words, as Mission's method does."""
        return str(CompletedBy(self.completed_by).label)


@dataclass(frozen=True)
class PlannedMission:
    """One row with its place. `exists`: the cohort has this mission, so the row is skipped."""

    row: SheetRow
    week: int
    opens_at: datetime
    due_at: datetime
    exists: bool


@dataclass(frozen=True)
class ImportPlan:
    """Everything that a confirmation would do, by week.

    `parts` are those that names in the sheet mean, by `part_key`; `unknown_parts` are names that mean none.
    """

    missions: list[PlannedMission]
    parts: Mapping[str, UUID]
    unknown_parts: list[str]
    new_weeks: dict[int, date]

    @property
    def to_create(self) -> list[PlannedMission]:
        return [mission for mission in self.missions if not mission.exists]


def mission_key(repository: str, title: str) -> tuple[str, str]:
    """By what missions are compared: repository and title."""
    return repository, " ".join(title.casefold().split())


def part_key(name: str) -> str:
    """By what parts are compared: a sheet's “Backend” is the part “backend”."""
    return " ".join(name.casefold().split())


def plan_import(
    rows: Sequence[SheetRow],
    *,
    weeks: Mapping[int, date],
    parts: Mapping[str, UUID],
    existing: Collection[tuple[str, str]],
    first_week: int,
    zone: str,
) -> ImportPlan:
    """Order n falls in the n-th week from `first_week` on; it opens as that begins, due on its last day.

    `weeks` are the cohort's by number, and hold `first_week`; further ones follow the last at seven days.
    `parts` are by `part_key`. Rows of a part that is not among them are planned all the same.
    """
    last = max(weeks)

    def starts_on(week: int) -> date:
        return weeks.get(week) or weeks[last] + timedelta(weeks=week - last)

    missions = []
    for row in rows:
        week = first_week + row.order - 1
        missions.append(
            PlannedMission(
                row=row,
                week=week,
                opens_at=week_opens(starts_on(week), zone),
                due_at=week_deadline(starts_on(week), zone),
                exists=mission_key(row.repository, row.title) in existing,
            )
        )
    wanted = [mission for mission in missions if not mission.exists]
    names: dict[str, str] = {}
    for mission in wanted:
        names.setdefault(part_key(mission.row.part), mission.row.part)
    highest = max((mission.week for mission in wanted), default=last)
    return ImportPlan(
        missions=sorted(missions, key=lambda mission: (mission.week, mission.row.line)),
        parts=parts,
        unknown_parts=[name for key, name in names.items() if name and key not in parts],
        new_weeks={week: starts_on(week) for week in range(last + 1, highest + 1)},
    )
