"""From a mission's id and an account to the mission and that account's seat, or NotFound. The only way in."""

from __future__ import annotations

from uuid import UUID

from chassis.refusals import NotFound
from study.cohorts.models import Membership, Role
from study.missions.models import Extension, Mission


def mission_to_read(mission_id: UUID, *, account_id: UUID) -> tuple[Mission, Membership]:
    """The mission as the seat sees it, and the seat with its cohort and part. Two queries."""
    return _found(mission_id, account_id, list(Role))


def mission_to_run(mission_id: UUID, *, account_id: UUID) -> tuple[Mission, Membership]:
    """The same, for operators of its cohort. Two queries."""
    return _found(mission_id, account_id, [Role.OPERATOR])


def extension_to_run(
    mission_id: UUID, extension_id: UUID, *, account_id: UUID
) -> tuple[Extension, Mission, Membership]:
    """An extension of a mission of a cohort that this account runs, and its seat there. Three queries."""
    mission, seat = mission_to_run(mission_id, account_id=account_id)
    extension = mission.extensions.filter(id=extension_id).first()
    if extension is None:
        raise NotFound
    return extension, mission, seat


def _found(mission_id: UUID, account_id: UUID, roles: list[Role]) -> tuple[Mission, Membership]:
    seats = Membership.objects.live().select_related("cohort", "part", "team")
    seat = seats.filter(cohort__missions=mission_id, account_id=account_id, role__in=roles).first()
    if seat is None:
        raise NotFound
    missions = Mission.objects.for_seat(seat).select_related("part", "week")
    mission = missions.filter(id=mission_id).first()
    if mission is None:
        # It was deleted between the two questions.
        raise NotFound
    mission.cohort = seat.cohort
    return mission, seat
