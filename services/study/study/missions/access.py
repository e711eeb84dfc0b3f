"""From a mission's id and an account to the mission and that account's seat, or NotFound."""

from __future__ import annotations

from uuid import UUID

from chassis.refusals import NotFound
from study.cohorts.access import seat_to_read, seat_to_run
from study.cohorts.models import Membership
from study.missions.models import Mission


def mission_to_read(mission_id: UUID, *, account_id: UUID) -> tuple[Mission, Membership]:
    """A mission of a cohort that this account is in, with its seat there. Two queries."""
    mission = _mission(mission_id)
    return mission, seat_to_read(mission.cohort_id, account_id=account_id)


def mission_to_run(mission_id: UUID, *, account_id: UUID) -> tuple[Mission, Membership]:
    """A mission of a cohort that this account operates, with its seat there. Two queries."""
    mission = _mission(mission_id)
    return mission, seat_to_run(mission.cohort_id, account_id=account_id)


def _mission(mission_id: UUID) -> Mission:
    mission = Mission.objects.select_related("cohort", "part", "week").filter(id=mission_id).first()
    if mission is None:
        raise NotFound
    return mission
