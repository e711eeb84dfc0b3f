"""The rubric by which a mission is scored: criteria, and for each the levels with their points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_CRITERIA, MAX_LEVELS, MAX_POINTS = 20, 10, 100
# As wide as the columns.
TITLE_LENGTH, LABEL_LENGTH = 80, 80


class LevelData(TypedDict):
    """How well a criterion is met, and the points for it."""

    points: int
    label: str


class CriterionData(TypedDict):
    """A criterion with its levels. A rubric is a list of these."""

    title: str
    levels: list[LevelData]


def rubric_fault(rubric: Sequence[CriterionData]) -> str | Promise:
    """Return in words the first fault of the rubric; "" without one. It may be empty: nothing is scored."""
    if len(rubric) > MAX_CRITERIA:
        return _("At most %(max)d criteria.") % {"max": MAX_CRITERIA}
    for criterion in rubric:
        points = [level["points"] for level in criterion["levels"]]
        if len(points) < 2:
            return _("A criterion needs two levels or more.")
        if len(points) > MAX_LEVELS:
            return _("At most %(max)d levels.") % {"max": MAX_LEVELS}
        if len(set(points)) < len(points):
            return _("Two levels give the same points.")
    return ""
