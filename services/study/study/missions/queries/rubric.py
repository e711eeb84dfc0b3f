"""How a mission is scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db.models import QuerySet, Subquery

from study.cohorts.models import Cohort
from study.missions.models import Level, Mission
from study.missions.rules import CriterionSpec, LevelSpec


@dataclass(frozen=True)
class LevelRow:
    id: UUID
    points: int
    label: str


@dataclass(frozen=True)
class CriterionRow:
    """One thing that is looked at, its levels from the most points down."""

    id: UUID
    title: str
    levels: list[LevelRow]

    @property
    def max_points(self) -> int:
        return self.levels[0].points


def rubric_of(mission: Mission) -> list[CriterionRow]:
    """How it is scored, in the rubric's order. One query."""
    return _criteria(Level.objects.filter(criterion__mission=mission))


def latest_rubric(cohort: Cohort) -> list[CriterionSpec]:
    """The rubric of the cohort's newest mission that has one, for the next to begin with. One query."""
    newest = Mission.objects.filter(cohort=cohort, criteria__isnull=False).order_by("-created_at", "-id")
    rows = _criteria(Level.objects.filter(criterion__mission=Subquery(newest.values("id")[:1])))
    return specs_of(rows)


def missions_without_rubric(cohort_id: UUID) -> list[Mission]:
    """The cohort's missions that have none and no review yet, by week, with the week. One query."""
    bare = Mission.objects.filter(cohort=cohort_id, criteria=None, submissions__reviews=None)
    return list(bare.select_related("week").order_by("week__number", "title", "id"))


def specs_of(rubric: Sequence[CriterionRow]) -> list[CriterionSpec]:
    """The same without ids, as the verbs take it. No query."""
    return [
        CriterionSpec(row.title, tuple(LevelSpec(level.points, level.label) for level in row.levels))
        for row in rubric
    ]


def _criteria(levels: QuerySet[Level]) -> list[CriterionRow]:
    ordered = levels.select_related("criterion").order_by("criterion__position", "-points")
    return [
        CriterionRow(
            criterion.id, criterion.title, [LevelRow(level.id, level.points, level.label) for level in group]
        )
        for criterion, group in groupby(ordered, key=lambda level: level.criterion)
    ]
