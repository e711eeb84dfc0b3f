"""Read models of deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.functional import Promise

from chassis.account_mirror.models import AccountMirror
from chassis.account_mirror.rules import display_name
from chassis.web.pagination import Page, page_of
from notification.delivery.models import Delivery, Outbound
from notification.inbox.rules import KINDS
from notification.mirrors.models import ContactMirror, MembershipMirror
from notification.preferences.models import Preference
from notification.preferences.rules import CHANNELS


@dataclass(frozen=True)
class Failure:
    """A failed delivery with its recipient and the mail server's response."""

    id: UUID
    kind: str
    kind_label: str | Promise
    channel: str
    channel_label: str | Promise
    name: str
    address: str
    attempts: int
    failed_at: datetime | None
    error: str


def failures(*, cursor: str | None = None, size: int = 25) -> Page[Failure]:
    """Return a page of failed deliveries, newest first. Two queries."""
    rows = Delivery.objects.failed().select_related("notification").with_recipient()
    page = page_of(rows, order=("-failed_at", "-id"), cursor=cursor, size=size)
    return Page([_failure(row) for row in page.rows], page.next)


def _failure(row: Delivery) -> Failure:
    annotated: Any = row
    kind = row.notification.kind
    return Failure(
        id=row.id,
        kind=kind,
        kind_label=KINDS[kind].label,
        channel=row.channel,
        channel_label=CHANNELS[row.channel],
        name=display_name(annotated.recipient_name),
        address=annotated.recipient_email or "",
        attempts=row.attempts,
        failed_at=row.failed_at,
        error=row.error,
    )


def due(at: datetime, *, limit: int) -> list[Outbound]:
    """Return due deliveries, the longest due first. Six queries, however many rows."""
    rows = list(Delivery.objects.due(at).with_notification().order_by("due_at", "id")[:limit])
    account_ids = {row.notification.account_id for row in rows}
    recipients = AccountMirror.objects.in_bulk(account_ids)
    contacts = ContactMirror.objects.in_bulk(account_ids)
    chosen = Preference.objects.chosen(account_ids)
    left = MembershipMirror.objects.left_among(account_ids)
    return [
        Outbound(
            row,
            recipients.get(row.notification.account_id) or AccountMirror(),
            contact.email if (contact := contacts.get(row.notification.account_id)) else "",
            chosen.get((row.notification.account_id, row.notification.kind, row.channel)),
            (row.notification.account_id, row.notification.cohort_id) in left,
        )
        for row in rows
    ]


def is_due(at: datetime) -> bool:
    """Return True if any delivery is due. One query."""
    return Delivery.objects.due(at).exists()


def count_waiting() -> int:
    """Return the number of unfinished deliveries."""
    return Delivery.objects.filter(due_at__isnull=False).count()


def count_failed() -> int:
    """Return the number of failed deliveries."""
    return Delivery.objects.failed().count()


def export_deliveries(account_id: UUID) -> list[dict[str, Any]]:
    """Return the account's deliveries for the personal-data export. One query."""
    rows = Delivery.objects.filter(notification__account_id=account_id).order_by(
        "notification__occurred_at", "id"
    )
    columns = ("channel", "attempts", "sent_at", "failed_at", "skipped", "error")
    return list(rows.values(*columns, kind=F("notification__kind")))
