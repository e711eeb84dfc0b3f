"""What missions decide without a database: deadlines, safe text, repository names, and a sheet of missions."""

from __future__ import annotations

from study.missions.rules.due import (
    Due,
    Grant,
    Step,
    effective_due,
    seconds_late,
    shown_state,
    week_due,
    week_opens,
)
from study.missions.rules.markdown import excerpt_of, rendered
from study.missions.rules.repositories import BadRepository, repository_name, repository_url

__all__ = [
    "BadRepository",
    "Due",
    "Grant",
    "Step",
    "effective_due",
    "excerpt_of",
    "rendered",
    "repository_name",
    "repository_url",
    "seconds_late",
    "shown_state",
    "week_due",
    "week_opens",
]
