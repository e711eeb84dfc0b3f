"""Write changes of missions into the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from study.audit.actions import record_change
from study.cohorts.models import AuditKind
from study.missions.models import Mission


def audited_fields(*, mission: Mission) -> dict[str, object]:
    """Return what the audit log compares of a mission, by field. Up to five queries."""
    return {
        "title": mission.title,
        "body": mission.body,
        "week": mission.week.number,
        "part": mission.part.name if mission.part else None,
        "team": mission.team.name if mission.team else None,
        "accepts": mission.accepts,
        "repository": mission.repository,
        "other_repositories": mission.other_repositories,
        "marker": mission.marker,
        "completed_by": mission.completed_by,
        "opens_at": mission.opens_at,
        "due_at": mission.due_at,
    }


def record_mission(
    *, mission: Mission, changes: Mapping[str, tuple[object, object]], by: UUID, at: datetime
) -> None:
    """Record changes of a mission's fields, as record_change; its deadline is a kind of its own."""
    fields = {name: change for name, change in changes.items() if name != "due_at"}
    deadline = {"": changes["due_at"]} if "due_at" in changes else {}
    for kind, changed in ((AuditKind.MISSION, fields), (AuditKind.DEADLINE, deadline)):
        record_change(
            cohort_id=mission.cohort_id, kind=kind, changes=changed, about=mission.title, by=by, at=at
        )


def record_part_deadline(
    *,
    mission: Mission,
    part: str,
    before: datetime | None,
    after: datetime | None,
    by: UUID,
    at: datetime,
) -> None:
    """Record a part's own deadline, as record_change."""
    record_change(
        cohort_id=mission.cohort_id,
        kind=AuditKind.DEADLINE,
        changes={"": (before, after)},
        about=f"{mission.title} · {part}",
        by=by,
        at=at,
    )
