"""Pictures of missions."""

from __future__ import annotations

from study.missions.queries.dues import (
    ExtensionRow,
    MemberChoice,
    MoreTime,
    PartTerm,
    more_time,
    part_terms,
)
from study.missions.queries.rows import MissionRow, due_bound, due_of, dues_of, missions_of, page, row_of
from study.missions.queries.rubric import (
    CriterionRow,
    LevelRow,
    rubric_of,
    rubric_to_begin_with,
    specs_of,
    without_rubric,
)

__all__ = [
    "CriterionRow",
    "ExtensionRow",
    "LevelRow",
    "MemberChoice",
    "MissionRow",
    "MoreTime",
    "PartTerm",
    "due_bound",
    "due_of",
    "dues_of",
    "missions_of",
    "more_time",
    "page",
    "part_terms",
    "row_of",
    "rubric_of",
    "rubric_to_begin_with",
    "specs_of",
    "without_rubric",
]
