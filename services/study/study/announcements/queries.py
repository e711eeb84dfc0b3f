"""Pictures of announcements."""

from __future__ import annotations

from chassis.web.pagination import Page, page_of
from study.announcements.models import Announcement
from study.cohorts.models import Membership, Role


def announcements(membership: Membership, *, cursor: str | None = None, size: int = 25) -> Page[Announcement]:
    """What this membership may read, the newest first; operators see withdrawn ones too. One statement."""
    rows = Announcement.objects.with_author().filter(cohort_id=membership.cohort_id)
    if membership.role != Role.OPERATOR:
        rows = rows.for_part(membership.part_id).filter(withdrawn_at=None)
    return page_of(rows, order=("-published_at", "id"), cursor=cursor, size=size)
