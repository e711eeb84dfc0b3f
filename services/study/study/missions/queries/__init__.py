"""Pictures of missions."""

from __future__ import annotations

from study.missions.queries.dues import (
    ExtensionRow,
    MemberChoice,
    PartTerm,
    extensions_of,
    members_to_extend,
    part_terms,
)
from study.missions.queries.rows import MissionRow, due_bound, due_of, dues_of, missions_of, one, page, row_of
from study.missions.queries.rubric import (
    CriterionRow,
    LevelRow,
    is_scored,
    rubric_of,
    rubric_to_begin_with,
    specs_of,
)

__all__ = [
    "CriterionRow",
    "ExtensionRow",
    "LevelRow",
    "MemberChoice",
    "MissionRow",
    "PartTerm",
    "due_bound",
    "due_of",
    "dues_of",
    "extensions_of",
    "is_scored",
    "members_to_extend",
    "missions_of",
    "one",
    "page",
    "part_terms",
    "row_of",
    "rubric_of",
    "rubric_to_begin_with",
    "specs_of",
]
