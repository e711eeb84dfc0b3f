"""Read models of announcements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from chassis.account_mirror.models import AccountMirror
from chassis.web.pagination import Page, page_of
from study.announcements.models import Announcement, AnnouncementDraft, AnnouncementQuerySet
from study.cohorts.models import Cohort, Membership, Role
from study.cohorts.rules import day_in


@dataclass(frozen=True)
class ReadCounts:
    """Of how many that an announcement is for, how many have opened it, or can be reminded today."""

    readers: int
    read: int
    to_remind: int

    @property
    def unread(self) -> int:
        return self.readers - self.read


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
    """Return the drafts of a cohort with part and team: by their time, then by that of the former cohort.

    Those with neither are the last, by title.
    """
    times = (F(name).asc(nulls_last=True) for name in ("publish_at", "planned_for"))
    return cohort.announcement_drafts.select_related("part", "team").order_by(*times, "title", "id")


def drafts_due(at: datetime, *, limit: int) -> list[UUID]:
    """Return the drafts whose time has come, the longest due first. One statement, by index."""
    rows = AnnouncementDraft.objects.filter(publish_at__lte=at).order_by("publish_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def read_counts(announcement: Announcement, *, at: datetime) -> ReadCounts:
    """Return how many have opened the announcement, read with its cohort and team. One statement."""
    is_read, is_reminded = announcement.has_read(), _is_reminded(announcement, at)
    return ReadCounts(
        **announcement.readers().aggregate(
            readers=Count("id"),
            read=Count("id", filter=Q(is_read)),
            to_remind=Count("id", filter=Q(~is_read, ~is_reminded)),
        )
    )


def readers(
    announcement: Announcement, *, at: datetime, cursor: str | None = None, size: int = 50
) -> Page[Any]:
    """Return the memberships that the announcement is for: who has not opened it first, then by name.

    Each is annotated with `name`, `read_at`, None if it has not, and `is_reminded`: whether today.
    """
    reads = announcement.reads.filter(account_id=OuterRef("account_id"))
    rows = announcement.readers().annotate(
        name=AccountMirror.objects.name_of(OuterRef("account_id")),
        is_read=announcement.has_read(),
        read_at=Subquery(reads.values("read_at")[:1]),
        is_reminded=_is_reminded(announcement, at),
    )
    rows = rows.annotate(sort_name=Coalesce("name", Value(""))).select_related("part")
    return page_of(rows, order=("is_read", "sort_name", "id"), cursor=cursor, size=size)


def _is_reminded(announcement: Announcement, at: datetime) -> Exists:
    day = day_in(announcement.cohort.time_zone, at)
    return Exists(announcement.reader_reminders.filter(day=day, account_id=OuterRef("account_id")))
