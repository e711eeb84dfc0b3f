"""Actions on announcements."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from chassis.events.publish import publish
from study.announcements.events import AnnouncementPublished
from study.announcements.models import Announcement
from study.cohorts.actions import ensure_open
from study.cohorts.models import Cohort, Membership, Part, Role
from study.missions.actions.missions import NoSuchPart
from study.missions.rules.markdown import markdown_excerpt


@transaction.atomic
def publish_announcement(
    *, cohort: Cohort, part_id: UUID | None, author_id: UUID, title: str, body: str, at: datetime
) -> Announcement:
    """Publish an announcement to the cohort, or to one part and all operators.

    The author is no recipient. Raise CohortClosed, or NoSuchPart if the part is not the cohort's.
    """
    ensure_open(cohort=cohort)
    part = Part.objects.filter(id=part_id, cohort=cohort).first() if part_id else None
    if part_id and part is None:
        raise NoSuchPart(field="part_id")
    announcement = Announcement.objects.create(
        cohort=cohort, part=part, title=title, body=body, author_id=author_id, published_at=at
    )
    readers = Membership.objects.live().filter(cohort=cohort).exclude(account_id=author_id)
    if part:
        readers = readers.filter(Q(part=part) | Q(role=Role.OPERATOR))
    publish(
        AnnouncementPublished(
            announcement_id=announcement.id,
            cohort_id=cohort.id,
            cohort_title=cohort.title,
            title=title,
            excerpt=markdown_excerpt(body),
            recipients=list(readers.order_by("account_id").values_list("account_id", flat=True)),
        ),
        at=at,
    )
    return announcement


@transaction.atomic
def withdraw(*, announcement: Announcement, at: datetime) -> None:
    """Hide the announcement from readers; mail that was sent stays. Idempotent."""
    if announcement.withdrawn_at is None:
        announcement.withdrawn_at = at
        announcement.save(update_fields=["withdrawn_at"])


@transaction.atomic
def restore(*, announcement: Announcement) -> None:
    """Show a withdrawn announcement again; nobody is notified. Idempotent."""
    announcement.withdrawn_at = None
    announcement.save(update_fields=["withdrawn_at"])
