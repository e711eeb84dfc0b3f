"""The shape of what people type about missions."""

from __future__ import annotations

from study.missions.forms.dues import MOST_HOURS, ExtensionForm, PartDueForm
from study.missions.forms.mission import BODY_LENGTH, MissionForm
from study.missions.forms.rubric import RubricEditor, ShareForm
from study.missions.forms.sheet import PartsForm, SheetForm

__all__ = [
    "BODY_LENGTH",
    "MOST_HOURS",
    "ExtensionForm",
    "MissionForm",
    "PartDueForm",
    "PartsForm",
    "RubricEditor",
    "ShareForm",
    "SheetForm",
]
