"""What missions decide without a database: deadlines, safe text, repository names, sheets."""

from __future__ import annotations

from study.missions.rules.due import (
    STATES,
    Due,
    Grant,
    Step,
    came_late,
    effective_due,
    seconds_late,
    shown_state,
    week_due,
    week_opens,
)
from study.missions.rules.markdown import excerpt_of, rendered
from study.missions.rules.plan import ImportPlan, Planned, part_key, plan_import
from study.missions.rules.repositories import BadRepository, repository_name, repository_url
from study.missions.rules.rubric import CriterionSpec, LevelSpec, RubricFault, rubric_fault
from study.missions.rules.sheet import Fault, NotText, SheetRow, read_sheet, text_of

__all__ = [
    "STATES",
    "BadRepository",
    "CriterionSpec",
    "Due",
    "Fault",
    "Grant",
    "ImportPlan",
    "LevelSpec",
    "NotText",
    "Planned",
    "RubricFault",
    "SheetRow",
    "Step",
    "came_late",
    "effective_due",
    "excerpt_of",
    "part_key",
    "plan_import",
    "read_sheet",
    "rendered",
    "repository_name",
    "repository_url",
    "rubric_fault",
    "seconds_late",
    "shown_state",
    "text_of",
    "week_due",
    "week_opens",
]
