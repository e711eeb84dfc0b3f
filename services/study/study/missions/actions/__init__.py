"""Write operations on missions."""

from __future__ import annotations

from study.missions.actions.deadlines import (
    MissionOfOnePart,
    NoSuchMember,
    PartDeadlineNotLater,
    ReasonMissing,
    clear_part_deadline,
    grant_extension,
    set_part_deadline,
    withdraw_extension,
)
from study.missions.actions.importing import BadSheet, Imported, import_missions, preview_import
from study.missions.actions.missions import (
    AlreadySubmitted,
    DeadlineBeforeOpening,
    MissionInUse,
    NoSuchPart,
    NoSuchWeek,
    RepositoryTaken,
    create_mission,
    delete_mission,
    update_mission,
)
from study.missions.actions.repositories import (
    resolve_repository,
    sync_repository,
    update_repository_name,
)
from study.missions.actions.rubrics import BadRubric, RubricInUse, set_rubric, share_rubric

__all__ = [
    "AlreadySubmitted",
    "BadRubric",
    "BadSheet",
    "DeadlineBeforeOpening",
    "Imported",
    "MissionInUse",
    "MissionOfOnePart",
    "NoSuchMember",
    "NoSuchPart",
    "NoSuchWeek",
    "PartDeadlineNotLater",
    "ReasonMissing",
    "RepositoryTaken",
    "RubricInUse",
    "clear_part_deadline",
    "create_mission",
    "delete_mission",
    "grant_extension",
    "import_missions",
    "preview_import",
    "resolve_repository",
    "set_part_deadline",
    "set_rubric",
    "share_rubric",
    "sync_repository",
    "update_mission",
    "update_repository_name",
    "withdraw_extension",
]
