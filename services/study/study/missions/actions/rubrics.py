"""Set the rubrics of missions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.audit.actions import record_change
from study.audit.rules import rubric_value
from study.cohorts.actions import ensure_open
from study.cohorts.models import AuditKind, Cohort
from study.missions.models import Criterion, Level, Mission, is_scored
from study.missions.rules.rubric import CriterionData, rubric_fault


class RubricInUse(DomainError):
    code = "rubric_in_use"
    title = _("A review has begun to score by this rubric, so it stays as it is.")


class BadRubric(DomainError):
    code = "bad_rubric"
    title = _("The rubric is not valid: %(message)s")
    status = 400


@transaction.atomic
def set_rubric(
    *, cohort: Cohort, missions: Collection[UUID], rubric: Sequence[CriterionData], by: UUID, at: datetime
) -> list[Mission]:
    """Replace the rubric of missions of the cohort: of all, or of none. Return the missions.

    RubricInUse if a review of one of them exists, even a draft. Ids of other cohorts' missions are ignored.
    """
    ensure_open(cohort=cohort)
    locked = Mission.objects.select_for_update().filter(cohort=cohort, id__in=missions)
    rows = list(locked.order_by("id"))
    for mission in rows:
        write_rubric(mission=mission, rubric=rubric, by=by, at=at)
    return rows


def write_rubric(*, mission: Mission, rubric: Sequence[CriterionData], by: UUID, at: datetime) -> None:
    """Replace the rubric. Call it with the mission's row locked or new."""
    if fault := rubric_fault(rubric):
        raise BadRubric(field="rubric", message=fault)
    if Mission.objects.filter(is_scored(), id=mission.id).exists():
        raise RubricInUse(field="rubric")
    before = _audited(mission)
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
    after = _audited(mission)
    kept = rubric_value(before), rubric_value(after)
    record_change(
        cohort_id=mission.cohort_id,
        kind=AuditKind.RUBRIC,
        # What is kept has no labels of levels, and is cut.
        changes={"": kept} if kept[0] != kept[1] else {"details": (before, after)},
        about=mission.title,
        by=by,
        at=at,
    )


def _audited(mission: Mission) -> list[tuple[str, dict[int, str]]]:
    """Return titles of criteria, each with the labels of its levels by points. Two queries."""
    criteria = mission.criteria.order_by("position").prefetch_related("levels")
    return [
        (criterion.title, {level.points: level.label for level in criterion.levels.all()})
        for criterion in criteria
    ]
