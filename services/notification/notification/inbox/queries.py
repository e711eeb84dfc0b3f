"""Read models of the inbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.account_mirror.rules import display_name
from chassis.web.pagination import Page, page_of
from notification.inbox.models import Notification
from notification.inbox.rules import KINDS, kinds_in_group


def inbox(account_id: UUID, *, show: str = "", cursor: str | None = None, size: int = 25) -> Page[Any]:
    """Return a page of rendered notifications, newest first. `show` is "", "unread" or a key of GROUPS."""
    rows = Notification.objects.filter(account_id=account_id).with_names()
    if show == "unread":
        rows = rows.unread()
    elif show:
        rows = rows.filter(kind__in=kinds_in_group(show))
    page = page_of(rows, order=("-occurred_at", "-id"), cursor=cursor, size=size)
    return Page([render(row) for row in page.rows], page.next)


def unread_count(account_id: UUID) -> int:
    """Return the number of unread notifications. One query."""
    return Notification.objects.filter(account_id=account_id).unread().count()


def render(notification: Any) -> Any:
    """Add `about_name`, the `cohort` title and the text in the active language and time zone. No query.

    The row was loaded with_names(). The text is `rendered`, with the `icon` of the kind and the local `day`.
    """
    kind = KINDS[notification.kind]
    notification.about_name = display_name(notification.about_name)
    notification.cohort = (
        notification.cohort_title
        or notification.context.get("cohort")
        or (_("your cohort") if notification.cohort_id else "")
    )
    notification.rendered, notification.icon = kind.render(notification), kind.icon
    notification.day = timezone.localtime(notification.occurred_at).date()
    return notification


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
        for item in map(render, rows)
    ]
