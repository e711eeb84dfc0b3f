"""Actions on announcements."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from chassis.events.publish import publish
from study.announcements.events import AnnouncementPublished
from study.announcements.models import Announcement, AnnouncementDraft
from study.cohorts.actions import ensure_open
from study.cohorts.models import Cohort, Membership, Part, Role, Team
from study.missions.actions.missions import NoSuchPart, NoSuchTeam, PartAndTeam
from study.missions.rules.markdown import markdown_excerpt


class DraftGone(DomainError):
    code = "draft_gone"
    title = _("This draft has been published or deleted meanwhile.")


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
    part = Part.objects.filter(id=part_id, cohort=cohort).first() if part_id else None
    if part_id and part is None:
        raise NoSuchPart(field="part_id")
    team = Team.objects.filter(id=team_id, cohort=cohort).first() if team_id else None
    if team_id and team is None:
        raise NoSuchTeam(field="team_id")
    if part and team:
        raise PartAndTeam(field="team_id")
    # Of two operators who publish a draft, one deletes it: nobody is notified twice.
    if draft_id and not AnnouncementDraft.objects.filter(id=draft_id, cohort=cohort).delete()[0]:
        raise DraftGone
    announcement = Announcement.objects.create(
        cohort=cohort, part=part, team=team, title=title, body=body, author_id=author_id, published_at=at
    )
    readers = Membership.objects.live().filter(cohort=cohort).exclude(account_id=author_id)
    if part:
        readers = readers.filter(Q(part=part) | Q(role=Role.OPERATOR))
    if team:
        is_mentor = Q(account_id=team.mentor_id, role=Role.MENTOR)
        readers = readers.filter(Q(team=team) | Q(study_team=team) | is_mentor | Q(role=Role.OPERATOR))
    publish(
        AnnouncementPublished(
            announcement_id=announcement.id,
            cohort_id=cohort.id,
            cohort_title=cohort.title,
            title=title,
            excerpt=markdown_excerpt(body),
            audience="part" if part else "team" if team else "cohort",
            part_id=part.id if part else None,
            recipients=list(readers.order_by("account_id").values_list("account_id", flat=True)),
        ),
        at=at,
    )
    return announcement


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
def delete_draft(*, draft: AnnouncementDraft) -> None:
    """Delete a draft."""
    draft.delete()
