"""Read models of the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.account_mirror.rules import display_name
from chassis.web.pagination import Page, page_of
from notification.inbox.models import Notification
from notification.inbox.rules import KINDS, Context, Rendered, kinds_in_group


@dataclass(frozen=True)
class InboxItem:
    """One notification, rendered in the active language and time zone."""

    id: UUID
    kind: str
    icon: str
    rendered: Rendered
    cohort: str
    cohort_id: UUID | None
    url: str
    occurred_at: datetime
    read_at: datetime | None
    day: date


def inbox(account_id: UUID, *, show: str = "", cursor: str | None = None, size: int = 25) -> Page[InboxItem]:
    """Return a page, newest first. `show` is "", "unread" or a key of GROUPS."""
    rows = Notification.objects.filter(account_id=account_id).with_names()
    if show == "unread":
        rows = rows.unread()
    elif show:
        rows = rows.filter(kind__in=kinds_in_group(show))
    page = page_of(rows, order=("-occurred_at", "-id"), cursor=cursor, size=size)
    return Page([inbox_item(row) for row in page.rows], page.next)


def unread_count(account_id: UUID) -> int:
    """Return the number of unread notifications. One query."""
    return Notification.objects.filter(account_id=account_id).unread().count()


def inbox_item(row: Notification) -> InboxItem:
    """Return the read model of a row that was loaded with_names(). No query."""
    annotated: Any = row
    kind = KINDS[row.kind]
    cohort = (
        annotated.cohort_title or row.context.get("cohort") or (_("your cohort") if row.cohort_id else "")
    )
    is_about_reader = row.about_id == row.account_id
    context = Context(
        data=row.context,
        about_name=display_name(annotated.about_name),
        cohort=cohort,
        is_about_reader=is_about_reader,
    )
    return InboxItem(
        id=row.id,
        kind=row.kind,
        icon=kind.icon,
        rendered=kind.render(context),
        cohort=cohort,
        cohort_id=row.cohort_id,
        url=row.url,
        occurred_at=row.occurred_at,
        read_at=row.read_at,
        day=timezone.localtime(row.occurred_at).date(),
    )


def export_notifications(account_id: UUID) -> list[dict[str, Any]]:
    """Return the account's notifications for the personal-data export. One query."""
    rows = Notification.objects.filter(account_id=account_id).with_names().order_by("occurred_at", "id")
    return [
        {
            "kind": item.kind,
            "headline": item.rendered.headline,
            "detail": item.rendered.detail,
            "url": item.url,
            "occurred_at": item.occurred_at,
            "read_at": item.read_at,
        }
        for item in map(inbox_item, rows)
    ]
