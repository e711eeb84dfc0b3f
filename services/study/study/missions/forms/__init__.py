"""Forms of missions."""

from __future__ import annotations

from study.missions.forms.deadlines import MAX_EXTENSION_HOURS, ExtensionForm, PartDeadlineForm
from study.missions.forms.mission import BODY_LENGTH, MissionForm
from study.missions.forms.rubric import RubricEditor, ShareForm
from study.missions.forms.sheet import PartsForm, SheetForm

__all__ = [
    "BODY_LENGTH",
    "MAX_EXTENSION_HOURS",
    "ExtensionForm",
    "MissionForm",
    "PartDeadlineForm",
    "PartsForm",
    "RubricEditor",
    "ShareForm",
    "SheetForm",
]
