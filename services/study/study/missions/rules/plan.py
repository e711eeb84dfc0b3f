"""What importing a sheet would do: which mission falls in which week, and what has to be made for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from study.missions.rules.deadlines import week_deadline, week_opens
from study.missions.rules.sheet import SheetRow

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class PlannedMission:
    """One row with its place. `exists`: the cohort has a mission of that repository, so it is skipped."""

    row: SheetRow
    week: int
    opens_at: datetime
    due_at: datetime
    exists: bool


@dataclass(frozen=True)
class ImportPlan:
    """Everything that a confirmation would do. `unknown_parts`: names in the sheet that are no part's."""

    planned: tuple[PlannedMission, ...]
    unknown_parts: tuple[str, ...]
    new_weeks: tuple[tuple[int, date], ...]

    @property
    def to_create(self) -> list[PlannedMission]:
        return [mission for mission in self.planned if not mission.exists]

    @property
    def to_skip(self) -> list[PlannedMission]:
        return [mission for mission in self.planned if mission.exists]


def part_key(name: str) -> str:
    """By what parts are compared: a sheet's “Backend” is the part “backend”."""
    return " ".join(name.casefold().split())


def plan_import(
    rows: Sequence[SheetRow],
    *,
    weeks: Mapping[int, date],
    parts: Mapping[str, UUID],
    repositories: Iterable[str],
    first_week: int,
    zone: str,
) -> ImportPlan:
    """Order n falls in the n-th week from `first_week` on; it opens as that begins, due on its last day.

    `weeks` are the cohort's by number, and hold `first_week`; further ones follow the last at seven days.
    `parts` are by `part_key`. Rows of a part that is not among them are planned all the same.
    """
    known = set(repositories)
    wanted = [row for row in rows if row.repository not in known]
    last = max(weeks)
    highest = max((first_week + row.order - 1 for row in wanted), default=last)
    new = {number: weeks[last] + (number - last) * WEEK for number in range(last + 1, highest + 1)}
    starts = {**weeks, **new}
    planned = []
    for row in rows:
        number = first_week + row.order - 1
        # A row that is skipped may lie beyond every week there is or will be.
        starts_on = starts.get(number, weeks[last] + (number - last) * WEEK)
        planned.append(
            PlannedMission(
                row=row,
                week=number,
                opens_at=week_opens(starts_on, zone),
                due_at=week_deadline(starts_on, zone),
                exists=row.repository in known,
            )
        )
    unknown = {part_key(row.part): row.part for row in reversed(wanted) if row.part}
    return ImportPlan(
        planned=tuple(sorted(planned, key=lambda mission: (mission.week, mission.row.line))),
        unknown_parts=tuple(name for key, name in reversed(unknown.items()) if key not in parts),
        new_weeks=tuple(new.items()),
    )
