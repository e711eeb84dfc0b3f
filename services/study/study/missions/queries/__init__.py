"""Read models of missions."""

from __future__ import annotations

from study.missions.queries.deadlines import (
    ExtensionRow,
    list_extensions,
    members_to_extend,
    parts_with_deadline,
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
    latest_rubric,
    missions_without_rubric,
    rubric_of,
    specs_of,
)

__all__ = [
    "ExtensionRow",
    "MissionRow",
    "deadline_from_row",
    "deadline_of",
    "deadlines_of",
    "latest_rubric",
    "list_extensions",
    "list_missions",
    "members_to_extend",
    "missions_of",
    "missions_without_rubric",
    "parts_with_deadline",
    "row_of",
    "rubric_of",
    "specs_of",
]
