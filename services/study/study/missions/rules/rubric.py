"""How a mission is scored: criteria, and for each the levels with their points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_CRITERIA, MAX_LEVELS, MAX_POINTS = 20, 10, 100
# As wide as the columns.
TITLE_LENGTH, LABEL_LENGTH = 80, 80


@dataclass(frozen=True)
class LevelSpec:
    """How well a criterion is met, and the points for it."""

    points: int
    label: str


@dataclass(frozen=True)
class CriterionSpec:
    """A criterion with its levels."""

    title: str
    levels: tuple[LevelSpec, ...]


@dataclass(frozen=True)
class RubricFault:
    """A fault. `criterion` is an index from 0, or None for the whole rubric."""

    criterion: int | None
    message: str | Promise


def rubric_fault(criteria: Sequence[CriterionSpec]) -> RubricFault | None:
    """Return the first fault of the rubric, or None. An empty rubric is valid: nothing is scored."""
    if len(criteria) > MAX_CRITERIA:
        return RubricFault(None, _("At most %(max)d criteria.") % {"max": MAX_CRITERIA})
    for index, criterion in enumerate(criteria):
        points = [level.points for level in criterion.levels]
        if len(points) < 2:
            return RubricFault(index, _("A criterion needs two levels or more."))
        if len(points) > MAX_LEVELS:
            return RubricFault(index, _("At most %(max)d levels.") % {"max": MAX_LEVELS})
        if len(set(points)) < len(points):
            return RubricFault(index, _("Two levels give the same points."))
    return None
