"""Read models of missions."""

from __future__ import annotations

from study.missions.queries.deadlines import (
    ExtensionList,
    ExtensionRow,
    MemberChoice,
    PartDeadlineRow,
    list_extensions,
    list_part_deadlines,
)
from study.missions.queries.rows import (
    MissionRow,
    deadline_from_row,
    deadline_of,
    deadlines_of,
    list_missions,
    missions_of,
    row_of,
)
from study.missions.queries.rubric import (
    CriterionRow,
    LevelRow,
    latest_rubric,
    missions_without_rubric,
    rubric_of,
    specs_of,
)

__all__ = [
    "CriterionRow",
    "ExtensionList",
    "ExtensionRow",
    "LevelRow",
    "MemberChoice",
    "MissionRow",
    "PartDeadlineRow",
    "deadline_from_row",
    "deadline_of",
    "deadlines_of",
    "latest_rubric",
    "list_extensions",
    "list_missions",
    "list_part_deadlines",
    "missions_of",
    "missions_without_rubric",
    "row_of",
    "rubric_of",
    "specs_of",
]
