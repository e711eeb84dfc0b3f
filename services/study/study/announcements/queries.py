"""Read models of announcements."""

from __future__ import annotations

from django.db.models import QuerySet

from chassis.web.pagination import Page, page_of
from study.announcements.models import Announcement, AnnouncementDraft, AnnouncementQuerySet
from study.cohorts.models import Cohort, Membership, Role


def visible_announcements(membership: Membership) -> AnnouncementQuerySet:
    """Return the announcements that this membership may read; only operators see withdrawn ones."""
    rows = Announcement.objects.filter(cohort_id=membership.cohort_id)
    if membership.role == Role.OPERATOR:
        return rows
    return rows.for_membership(membership).filter(withdrawn_at=None)


def announcements(membership: Membership, *, cursor: str | None = None, size: int = 25) -> Page[Announcement]:
    """Return the announcements for this membership, the newest first.

    Only operators see withdrawn ones.
    """
    rows = visible_announcements(membership).with_author()
    return page_of(rows, order=("-published_at", "id"), cursor=cursor, size=size)


def drafts(cohort: Cohort) -> QuerySet[AnnouncementDraft]:
    """Return the drafts of a cohort with part and team, in the order in which they were published before."""
    return cohort.announcement_drafts.select_related("part", "team").order_by("planned_for", "id")
