"""Pictures of missions: each person's own deadline and how far they are, and the rubric."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from study.cohorts.models import Membership
from study.missions.models import Mission
from study.missions.rules import Due, Grant, effective_due


def due_of(mission: Mission, membership: Membership) -> Due:
    """The deadline that binds this person on this mission. One query; none if it was read for this seat."""
    if getattr(mission, "seat_id", None) == membership.id:
        return _due(mission)
    return dues_of([mission], membership)[mission.id]


def dues_of(missions: Iterable[Mission], membership: Membership) -> dict[UUID, Due]:
    """The deadlines that bind this person, by mission. One query, whatever their number."""
    wanted = [mission.id for mission in missions]
    return {
        mission.id: _due(mission) for mission in Mission.objects.filter(id__in=wanted).for_seat(membership)
    }


def _due(mission: Mission) -> Due:
    """From a mission that `for_seat` annotated."""
    hours = mission.extension_hours
    grant = Grant(hours, mission.extension_reason or "") if hours is not None else None
    return effective_due(base=mission.due_at, part=mission.part_due_at, extension=grant)
