"""From an announcement's id and an account to the announcement and that account's seat, or NotFound."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from study.announcements.models import Announcement
from study.cohorts.access import seat_to_read, seat_to_run
from study.cohorts.models import Membership, Role


class Withdrawn(NotFound):
    """Not there any more for whoever could read the announcement before; with its row."""

    def __init__(self, announcement: Announcement) -> None:
        super().__init__()
        self.announcement = announcement


def announcement_to_read(announcement_id: UUID, *, account_id: UUID) -> tuple[Announcement, Membership]:
    """One that is for this account's part. Two queries. Withdrawn for all but operators, once it is that."""
    found = _announcement(announcement_id)
    seat = seat_to_read(found.cohort_id, account_id=account_id)
    if seat.role == Role.OPERATOR:
        return found, seat
    if found.part_id and found.part_id != seat.part_id:
        raise NotFound
    if found.withdrawn_at:
        raise Withdrawn(found)
    return found, seat


def announcement_to_run(announcement_id: UUID, *, account_id: UUID) -> tuple[Announcement, Membership]:
    """One of a cohort that this account operates. Two queries."""
    found = _announcement(announcement_id)
    return found, seat_to_run(found.cohort_id, account_id=account_id)


def _announcement(announcement_id: UUID) -> Announcement:
    found = Announcement.objects.with_author().filter(id=announcement_id).first()
    if found is None:
        raise NotFound
    return found
