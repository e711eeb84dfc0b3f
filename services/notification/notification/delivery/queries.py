"""Read models of deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from chassis.account_mirror.models import AccountMirror
from chassis.account_mirror.rules import display_name
from chassis.web.pagination import Page, page_of
from notification.delivery.models import Delivery, InvitationEmail
from notification.delivery.rules import first_time_to_send
from notification.inbox.models import Notification
from notification.inbox.rules import KINDS, REMINDERS
from notification.mirrors.models import ContactMirror, MembershipMirror
from notification.preferences.models import Preference
from notification.preferences.queries import quiet_hours
from notification.preferences.rules import EMAIL


def failures(*, cursor: str | None = None, size: int = 25) -> Page[Any]:
    """Return a page of failed deliveries, newest first. Two queries.

    Each has the recipient's `name` and `address`, and the `kind` of notification with its `kind_label`.
    """
    rows = Delivery.objects.failed().select_related("notification").with_recipient()
    page: Page[Any] = page_of(rows, order=("-failed_at", "-id"), cursor=cursor, size=size)
    for delivery in page.rows:
        delivery.name = display_name(delivery.name)
        delivery.address = delivery.address or ""
        delivery.kind = delivery.notification.kind
        delivery.kind_label = KINDS[delivery.kind].label
    return page


def due(at: datetime, *, limit: int, channel: str = EMAIL) -> list[Delivery]:
    """Return due deliveries of a channel with their recipients, the longest due first.

    Eight queries, however many rows; seven without reminders.
    """
    rows = Delivery.objects.due(at).filter(channel=channel).with_notification()
    deliveries = list(rows.order_by("next_attempt_at", "id")[:limit])
    account_ids = {delivery.notification.account_id for delivery in deliveries}
    recipients = AccountMirror.objects.in_bulk(account_ids)
    emails = dict(ContactMirror.objects.filter(account_id__in=account_ids).values_list("account_id", "email"))
    chosen = Preference.objects.chosen(account_ids)
    quiet = quiet_hours(account_ids)
    left = MembershipMirror.objects.left_among(account_ids)
    reminders = [row.notification for row in deliveries if row.notification.kind in REMINDERS]
    submitted = Notification.objects.submitted_after(reminders)
    for delivery in deliveries:
        account_id, kind = delivery.notification.account_id, delivery.notification.kind
        delivery.recipient = recipients.get(account_id) or AccountMirror()
        delivery.email = emails.get(account_id, "")
        delivery.preference = chosen.get((account_id, kind, delivery.channel))
        delivery.has_left = (account_id, delivery.notification.cohort_id) in left
        delivery.has_submitted = delivery.notification.id in submitted
        zone = delivery.recipient.time_zone
        delivery.time_to_send = first_time_to_send(
            delivery.notification, at, at=at, quiet=quiet[account_id], time_zone=zone
        )
    return deliveries


def due_invitations(at: datetime, *, limit: int) -> list[InvitationEmail]:
    """Return invitations to be mailed, the longest due first. One query."""
    return list(InvitationEmail.objects.due(at).order_by("next_attempt_at", "id")[:limit])


def is_due(at: datetime) -> bool:
    """Return True if any delivery is due. One query."""
    return Delivery.objects.due(at).exists()


def count_waiting() -> int:
    """Return the number of unfinished deliveries."""
    return Delivery.objects.filter(next_attempt_at__isnull=False).count()


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
