"""Set and share the rubrics of missions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.cohorts.actions import ensure_open
from study.missions.models import Criterion, Level, Mission, is_scored
from study.missions.rules.rubric import CriterionData, rubric_fault


class RubricInUse(DomainError):
    code = "rubric_in_use"
    title = _("A review has begun to score by this rubric, so it stays as it is.")


class BadRubric(DomainError):
    code = "bad_rubric"
    title = _("This is no rubric: %(message)s")
    status = 400


@transaction.atomic
def set_rubric(*, mission: Mission, rubric: Sequence[CriterionData]) -> None:
    """Replace the rubric. Raises RubricInUse once a review, even a draft, exists."""
    mission = Mission.objects.select_for_update(of=("self",)).select_related("cohort").get(id=mission.id)
    ensure_open(cohort=mission.cohort)
    write_rubric(mission=mission, rubric=rubric)


@transaction.atomic
def share_rubric(
    *, mission: Mission, missions: Collection[UUID], rubric: Sequence[CriterionData]
) -> list[Mission]:
    """Score the other `missions` of the cohort by this one's `rubric` as well: all of them, or none.

    RubricInUse if a review of one of them exists. Ids of other cohorts' missions are passed over.
    """
    ensure_open(cohort=mission.cohort)
    others = Mission.objects.select_for_update().filter(cohort=mission.cohort_id, id__in=missions)
    for other in (shared := list(others.exclude(id=mission.id).order_by("id"))):
        write_rubric(mission=other, rubric=rubric)
    return shared


def write_rubric(*, mission: Mission, rubric: Sequence[CriterionData]) -> None:
    """Replace the rubric. Call it with the mission's row locked or new."""
    if fault := rubric_fault(rubric):
        raise BadRubric(field="rubric", message=fault)
    if Mission.objects.filter(is_scored(), id=mission.id).exists():
        raise RubricInUse(field="rubric")
    try:
        mission.criteria.all().delete()
    except ProtectedError:
        # A review that began between the two statements.
        raise RubricInUse(field="rubric") from None
    criteria = [
        Criterion(mission=mission, position=position, title=criterion["title"])
        for position, criterion in enumerate(rubric, start=1)
    ]
    Criterion.objects.bulk_create(criteria)
    Level.objects.bulk_create(
        Level(criterion=criterion, points=level["points"], label=level["label"])
        for criterion, data in zip(criteria, rubric, strict=True)
        for level in data["levels"]
    )
