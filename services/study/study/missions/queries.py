"""Pictures of missions: whose deadline is when."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from study.cohorts.models import Membership
from study.missions.models import Extension, Mission, PartDue
from study.missions.rules import Due, Grant, effective_due


def due_of(mission: Mission, membership: Membership) -> Due:
    """The deadline that binds this person on this mission. Two statements."""
    return dues_of([mission], membership)[mission.id]


def dues_of(missions: Iterable[Mission], membership: Membership) -> dict[UUID, Due]:
    """The deadlines that bind this person, by mission. Two statements, whatever their number."""
    wanted = {mission.id: mission for mission in missions}
    parts = dict(
        PartDue.objects.filter(mission__in=wanted, part_id=membership.part_id).values_list(
            "mission_id", "due_at"
        )
    )
    # The newest that is not withdrawn comes last, and so stays.
    extensions = {
        mission_id: Grant(hours, reason)
        for mission_id, hours, reason in Extension.objects.filter(
            mission__in=wanted, membership=membership, withdrawn_at=None
        )
        .order_by("granted_at", "id")
        .values_list("mission_id", "hours", "reason")
    }
    return {
        mission_id: effective_due(
            base=mission.due_at, part=parts.get(mission_id), extension=extensions.get(mission_id)
        )
        for mission_id, mission in wanted.items()
    }
