"""Actions on announcements."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from chassis.events.publish import publish
from study.announcements.events import AnnouncementPublished, ReadersReminded
from study.announcements.models import (
    Announcement,
    AnnouncementDraft,
    AnnouncementRead,
    AnnouncementReminder,
)
from study.cohorts.actions import CohortClosed, ensure_open
from study.cohorts.models import Cohort, Part, Team
from study.cohorts.rules import day_in
from study.missions.actions.missions import NoSuchPart, NoSuchTeam, PartAndTeam
from study.missions.rules.markdown import markdown_excerpt

# Rows of one INSERT.
BATCH_SIZE = 500
# The list shows them all.
MAX_DRAFTS = 200


class NotPublished(DomainError):
    code = "announcement_not_published"
    title = _("The announcement is unpublished. Republish it before you remind anybody of it.")


class DraftGone(DomainError):
    code = "draft_gone"
    title = _("This draft has been published or deleted meanwhile.")


class TooManyDrafts(DomainError):
    code = "too_many_drafts"
    title = _("The cohort has %(most)d drafts. Publish or delete some first.")


class PublishTimePassed(DomainError):
    code = "publish_time_passed"
    title = _("This time has passed. Choose a later one, or publish it now.")


@transaction.atomic
def publish_announcement(
    *,
    cohort: Cohort,
    part_id: UUID | None,
    team_id: UUID | None = None,
    author_id: UUID,
    title: str,
    body: str,
    draft_id: UUID | None = None,
    at: datetime,
) -> Announcement:
    """Publish an announcement to the cohort, or to one part, or to one team and its mentor; delete its draft.

    Operators receive all of them; the author is no recipient. Raise CohortClosed, PartAndTeam, NoSuchPart or
    NoSuchTeam if it is not the cohort's, or DraftGone.
    """
    ensure_open(cohort=cohort)
    part, team = _audience(cohort, part_id, team_id)
    # Of two operators who publish a draft, one deletes it: nobody is notified twice.
    if draft_id and not AnnouncementDraft.objects.filter(id=draft_id, cohort=cohort).delete()[0]:
        raise DraftGone
    announcement = Announcement.objects.create(
        cohort=cohort, part=part, team=team, title=title, body=body, author_id=author_id, published_at=at
    )
    publish(
        AnnouncementPublished(
            announcement_id=announcement.id,
            cohort_id=cohort.id,
            cohort_title=cohort.title,
            title=title,
            excerpt=markdown_excerpt(body),
            audience="part" if part else "team" if team else "cohort",
            part_id=part.id if part else None,
            recipients=list(
                announcement.readers().order_by("account_id").values_list("account_id", flat=True)
            ),
        ),
        at=at,
    )
    return announcement


def _audience(cohort: Cohort, part_id: UUID | None, team_id: UUID | None) -> tuple[Part | None, Team | None]:
    part = Part.objects.filter(id=part_id, cohort=cohort).first() if part_id else None
    if part_id and part is None:
        raise NoSuchPart(field="part_id")
    team = Team.objects.filter(id=team_id, cohort=cohort).first() if team_id else None
    if team_id and team is None:
        raise NoSuchTeam(field="team_id")
    if part and team:
        raise PartAndTeam(field="team_id")
    return part, team


@transaction.atomic
def edit_announcement(*, announcement: Announcement, title: str, body: str, at: datetime) -> Announcement:
    """Edit title and text; who it is for stays, and nobody is notified. Raise CohortClosed. Idempotent."""
    ensure_open(cohort=announcement.cohort)
    if (announcement.title, announcement.body) != (title, body):
        announcement.title, announcement.body, announcement.edited_at = title, body, at
        announcement.save(update_fields=["title", "body", "edited_at"])
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


@transaction.atomic
def create_draft(
    *,
    cohort: Cohort,
    title: str,
    body: str,
    part_id: UUID | None = None,
    team_id: UUID | None = None,
    publish_at: datetime | None = None,
    by: UUID,
    at: datetime,
) -> AnnouncementDraft:
    """Create a draft. With `publish_at`, it is published then, and `by` is its author.

    Raise CohortClosed, PartAndTeam, NoSuchPart, NoSuchTeam, PublishTimePassed or TooManyDrafts.
    """
    ensure_open(cohort=cohort)
    part, team = _audience(cohort, part_id, team_id)
    if publish_at and publish_at <= at:
        raise PublishTimePassed(field="publish_at")
    if cohort.announcement_drafts.count() >= MAX_DRAFTS:
        raise TooManyDrafts(most=MAX_DRAFTS)
    return AnnouncementDraft.objects.create(
        cohort=cohort,
        part=part,
        team=team,
        title=title,
        body=body,
        publish_at=publish_at,
        author_id=by if publish_at else None,
    )


@transaction.atomic
def update_draft(
    *,
    draft: AnnouncementDraft,
    title: str,
    body: str,
    part_id: UUID | None = None,
    team_id: UUID | None = None,
    publish_at: datetime | None = None,
    by: UUID,
    at: datetime,
) -> AnnouncementDraft:
    """Update a draft; who sets another `publish_at` becomes its author. Idempotent.

    Raise CohortClosed, PartAndTeam, NoSuchPart, NoSuchTeam, PublishTimePassed or DraftGone.
    """
    ensure_open(cohort=draft.cohort)
    # It may be published at this moment.
    row = AnnouncementDraft.objects.select_for_update().filter(id=draft.id).first()
    if row is None:
        raise DraftGone
    row.part, row.team = _audience(draft.cohort, part_id, team_id)
    if publish_at and publish_at <= at:
        raise PublishTimePassed(field="publish_at")
    if publish_at != row.publish_at:
        row.author_id = by if publish_at else None
    row.title, row.body, row.publish_at, row.missed_at = title, body, publish_at, None
    row.save(update_fields=["part", "team", "title", "body", "publish_at", "author_id", "missed_at"])
    return row


@transaction.atomic
def cancel_publish_time(*, draft: AnnouncementDraft) -> None:
    """Keep a draft until somebody publishes it. Raise DraftGone. Idempotent."""
    if not AnnouncementDraft.objects.filter(id=draft.id).update(publish_at=None, author_id=None):
        raise DraftGone


@transaction.atomic
def publish_due_draft(*, draft_id: UUID, at: datetime) -> Announcement | None:
    """Publish a draft whose time has come. If its cohort is closed, keep it without a time. Idempotent."""
    due = AnnouncementDraft.objects.filter(id=draft_id, publish_at__lte=at, author_id__isnull=False)
    # One that somebody publishes, changes or deletes at this moment is left to them.
    draft = due.select_for_update(of=("self",), skip_locked=True).select_related("cohort").first()
    if draft is None or draft.author_id is None:
        return None
    try:
        return publish_announcement(
            cohort=draft.cohort,
            part_id=draft.part_id,
            team_id=draft.team_id,
            author_id=draft.author_id,
            title=draft.title,
            body=draft.body,
            draft_id=draft.id,
            at=at,
        )
    except CohortClosed:
        draft.publish_at, draft.author_id, draft.missed_at = None, None, draft.publish_at
        draft.save(update_fields=["publish_at", "author_id", "missed_at"])
        return None


@transaction.atomic
def delete_draft(*, draft: AnnouncementDraft) -> None:
    """Delete a draft. Raise DraftGone if it was published or deleted meanwhile."""
    if not AnnouncementDraft.objects.filter(id=draft.id).delete()[0]:
        raise DraftGone


def record_read(*, announcement: Announcement, account_id: UUID, at: datetime) -> None:
    """Record that the account opened the announcement, once; nothing if it is withdrawn or the author's.

    Idempotent.
    """
    if announcement.withdrawn_at or announcement.author_id == account_id:
        return
    # Most openings are not the first: they write and lock nothing.
    if not announcement.reads.filter(account_id=account_id).exists():
        read = AnnouncementRead(announcement=announcement, account_id=account_id, read_at=at)
        AnnouncementRead.objects.bulk_create([read], ignore_conflicts=True)


@transaction.atomic
def remind_readers(*, announcement: Announcement, at: datetime) -> int:
    """Remind those who have not opened the announcement; return how many were reminded.

    Each is reminded at most once a day (in the cohort's zone). Raise CohortClosed or NotPublished.
    """
    # The lock serialises two operators.
    locked = Announcement.objects.select_for_update(of=("self",)).select_related("cohort", "team")
    row = locked.get(id=announcement.id)
    ensure_open(cohort=row.cohort)
    if row.withdrawn_at:
        raise NotPublished
    day = day_in(row.cohort.time_zone, at)
    reminded = row.reader_reminders.filter(day=day)
    unread = row.readers().exclude(row.has_read()).exclude(account_id__in=reminded.values("account_id"))
    recipients = list(unread.order_by("account_id").values_list("account_id", flat=True))
    if recipients:
        AnnouncementReminder.objects.bulk_create(
            (
                AnnouncementReminder(announcement=row, account_id=account_id, day=day, created_at=at)
                for account_id in recipients
            ),
            batch_size=BATCH_SIZE,
        )
        publish(
            ReadersReminded(
                announcement_id=row.id,
                cohort_id=row.cohort_id,
                cohort_title=row.cohort.title,
                title=row.title,
                excerpt=markdown_excerpt(row.body),
                day=day.isoformat(),
                recipients=recipients,
            ),
            at=at,
        )
    return len(recipients)


@transaction.atomic
def delete_reads(*, account_id: UUID) -> None:
    """Delete what says which announcements the account opened, and of which it was reminded."""
    AnnouncementRead.objects.filter(account_id=account_id).delete()
    AnnouncementReminder.objects.filter(account_id=account_id).delete()
