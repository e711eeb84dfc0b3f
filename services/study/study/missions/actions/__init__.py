"""What can be done to missions."""

from __future__ import annotations

from study.missions.actions.dues import (
    MissionOfOnePart,
    NoSuchMember,
    PartDueNotLater,
    ReasonMissing,
    clear_part_due,
    grant_extension,
    set_part_due,
    withdraw_extension,
)
from study.missions.actions.importing import BadSheet, Imported, import_missions, preview_import
from study.missions.actions.repositories import (
    follow_repository,
    resolve_repository,
    take_over_name,
)
from study.missions.actions.scoring import BadRubric, RubricInUse, set_rubric, share_rubric
from study.missions.actions.setting import (
    DueBeforeOpening,
    HandedInAlready,
    MissionInUse,
    NoSuchPart,
    NoSuchWeek,
    RepositoryTaken,
    change_mission,
    delete_mission,
    set_mission,
)

__all__ = [
    "BadRubric",
    "BadSheet",
    "DueBeforeOpening",
    "HandedInAlready",
    "Imported",
    "MissionInUse",
    "MissionOfOnePart",
    "NoSuchMember",
    "NoSuchPart",
    "NoSuchWeek",
    "PartDueNotLater",
    "ReasonMissing",
    "RepositoryTaken",
    "RubricInUse",
    "change_mission",
    "clear_part_due",
    "delete_mission",
    "follow_repository",
    "grant_extension",
    "import_missions",
    "preview_import",
    "resolve_repository",
    "set_mission",
    "set_part_due",
    "set_rubric",
    "share_rubric",
    "take_over_name",
    "withdraw_extension",
]
