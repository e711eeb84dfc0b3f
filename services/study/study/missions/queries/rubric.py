"""How a mission is scored."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Prefetch

from study.cohorts.models import Cohort
from study.missions.models import Criterion, Level, Mission, is_scored
from study.missions.rules.rubric import CriterionData


def rubric_of(mission: Mission) -> list[Criterion]:
    """Return the criteria in the rubric's order, with their levels from the most points down."""
    levels = Prefetch("levels", Level.objects.order_by("-points"))
    return list(mission.criteria.prefetch_related(levels).order_by("position"))


def latest_rubric(cohort: Cohort) -> list[CriterionData]:
    """Return the rubric of the cohort's newest mission that has one, for the next to begin with."""
    scored = Mission.objects.filter(cohort=cohort, criteria__isnull=False)
    newest = scored.order_by("-created_at", "-id").first()
    return rubric_data(rubric_of(newest)) if newest else []


def missions_without_rubric(cohort_id: UUID) -> list[Mission]:
    """Return the cohort's missions that have none and no review yet, by week, with the week."""
    bare = Mission.objects.filter(cohort=cohort_id, criteria=None).exclude(is_scored())
    return list(bare.select_related("week").order_by("week__number", "title", "id"))


def rubric_data(rubric: Iterable[Criterion]) -> list[CriterionData]:
    """Return the rubric without ids, as actions take it."""
    return [
        {
            "title": criterion.title,
            "levels": [{"points": level.points, "label": level.label} for level in criterion.levels.all()],
        }
        for criterion in rubric
    ]
