"""Pictures of an inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.web.pagination import page_of
from notification.inbox.models import Notification
from notification.inbox.rules import KINDS, Told, Words, kinds_of
from notification.mirrors.rules import name_to_show


@dataclass(frozen=True)
class Note:
    """One notification, in the language and the time zone that are active."""

    id: UUID
    kind: str
    icon: str
    words: Words
    cohort: str
    cohort_id: UUID | None
    url: str
    occurred_at: datetime
    read_at: datetime | None
    day: date


@dataclass(frozen=True)
class Inbox:
    """A page of an inbox. `unread` counts the whole inbox; None where an empty page cannot know."""

    notes: list[Note]
    next: str | None
    unread: int | None


def inbox(account_id: UUID, *, show: str = "", cursor: str | None = None, size: int = 25) -> Inbox:
    """Newest first; `show` is empty, "unread" or a group of the catalogue. One statement."""
    mine = Notification.objects.filter(account_id=account_id)
    unread = mine.unread().values("account_id").annotate(count=Count("id")).values("count")
    rows = mine.with_names().annotate(unread=Subquery(unread))
    if show == "unread":
        rows = rows.unread()
    elif show:
        rows = rows.filter(kind__in=kinds_of(show))
    page = page_of(rows, order=("-occurred_at", "-id"), cursor=cursor, size=size)
    nothing = None if show not in {"", "unread"} or cursor else 0
    count = (page.rows[0].unread or 0) if page.rows else nothing  # type: ignore[attr-defined]
    return Inbox([note_of(row) for row in page.rows], page.next, count)


def unread_count(account_id: UUID) -> int:
    """How many the person has not read. One statement."""
    return Notification.objects.filter(account_id=account_id).unread().count()


def note(notification_id: UUID) -> Note:
    """One notification, whoever it belongs to. One statement."""
    return note_of(Notification.objects.with_names().get(id=notification_id))


def note_of(row: Notification) -> Note:
    """The picture of a row that was loaded with_names(). No statement."""
    annotated: Any = row
    kind = KINDS[row.kind]
    cohort = annotated.cohort_title or row.facts.get("cohort") or (_("your cohort") if row.cohort_id else "")
    own = row.about_id == row.account_id
    told = Told(facts=row.facts, who=name_to_show(annotated.about_name), cohort=cohort, own=own)
    return Note(
        id=row.id,
        kind=row.kind,
        icon=kind.icon,
        words=kind.words(told),
        cohort=cohort,
        cohort_id=row.cohort_id,
        url=row.url,
        occurred_at=row.occurred_at,
        read_at=row.read_at,
        day=timezone.localtime(row.occurred_at).date(),
    )


def record(account_id: UUID) -> list[dict[str, Any]]:
    """Everything that a person was told, for them to take away. One statement."""
    rows = Notification.objects.filter(account_id=account_id).with_names().order_by("occurred_at", "id")
    return [
        {
            "kind": note.kind,
            "headline": note.words.headline,
            "detail": note.words.detail,
            "url": note.url,
            "occurred_at": note.occurred_at,
            "read_at": note.read_at,
        }
        for note in map(note_of, rows)
    ]
