"""From a cohort's id and an account to that account's seat in it, or NotFound. The only way in."""

from __future__ import annotations

from uuid import UUID

from chassis.refusals import NotFound
from study.cohorts.models import Membership, Role


def seat_to_read(cohort_id: UUID, *, account_id: UUID) -> Membership:
    """The live membership, with its cohort, part and team: who may look. One query."""
    return _seat(cohort_id, account_id, list(Role))


def seat_to_mentor(cohort_id: UUID, *, account_id: UUID) -> Membership:
    """Mentors and operators: who may see everyone's work. One query."""
    return _seat(cohort_id, account_id, [Role.MENTOR, Role.OPERATOR])


def seat_to_run(cohort_id: UUID, *, account_id: UUID) -> Membership:
    """Operators: who may change the cohort. One query."""
    return _seat(cohort_id, account_id, [Role.OPERATOR])


def _seat(cohort_id: UUID, account_id: UUID, roles: list[Role]) -> Membership:
    seats = Membership.objects.live().select_related("cohort", "part", "team")
    seat = seats.filter(cohort_id=cohort_id, account_id=account_id, role__in=roles).first()
    if seat is None:
        raise NotFound
    return seat
