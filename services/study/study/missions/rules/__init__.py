"""What missions decide without a database: deadlines, safe text, repository names, sheets."""

from __future__ import annotations

from study.missions.rules.deadlines import (
    STATES,
    Deadline,
    ExtensionGrant,
    Step,
    display_status,
    effective_deadline,
    is_after_deadline,
    seconds_late,
    week_deadline,
    week_opens,
)
from study.missions.rules.markdown import markdown_excerpt, render_markdown
from study.missions.rules.plan import ImportPlan, PlannedMission, part_key, plan_import
from study.missions.rules.repositories import BadRepository, repository_name, repository_url
from study.missions.rules.rubric import CriterionSpec, LevelSpec, RubricFault, rubric_fault
from study.missions.rules.sheet import Fault, NotText, SheetRow, read_sheet, text_of

__all__ = [
    "STATES",
    "BadRepository",
    "CriterionSpec",
    "Deadline",
    "ExtensionGrant",
    "Fault",
    "ImportPlan",
    "LevelSpec",
    "NotText",
    "PlannedMission",
    "RubricFault",
    "SheetRow",
    "Step",
    "display_status",
    "effective_deadline",
    "is_after_deadline",
    "markdown_excerpt",
    "part_key",
    "plan_import",
    "read_sheet",
    "render_markdown",
    "repository_name",
    "repository_url",
    "rubric_fault",
    "seconds_late",
    "text_of",
    "week_deadline",
    "week_opens",
]
