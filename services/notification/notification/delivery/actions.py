"""Schedule, send, retry and fail deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, connection, transaction

from notification.delivery.models import Delivery, Outbound
from notification.delivery.rules import (
    LEASE,
    MAX_ATTEMPTS,
    PermanentDeliveryError,
    TransientDeliveryError,
    delivery_backoff,
    skip_reason,
)
from notification.inbox.models import Notification
from notification.inbox.rules import KINDS
from notification.preferences.models import Preference
from notification.preferences.rules import CHANNELS, is_on_by_default

Channel = Callable[[Outbound], None]
BATCH_SIZE = 500


@transaction.atomic
def schedule_deliveries(*, notifications: Iterable[Notification], at: datetime) -> list[UUID]:
    """Create a delivery per notification and enabled channel; return the ids. All have one kind."""
    rows = list(notifications)
    if not rows:
        return []
    kind = rows[0].kind
    deliveries = []
    for channel in CHANNELS:
        subscribers = Preference.objects.subscribers(
            (row.account_id for row in rows),
            kind=kind,
            channel=channel,
            default=is_on_by_default(kind, channel),
        )
        subscribed = (row for row in rows if row.account_id in subscribers)
        deliveries += [Delivery(notification=row, channel=channel, due_at=at) for row in subscribed]
    return [row.id for row in Delivery.objects.bulk_create(deliveries, batch_size=BATCH_SIZE)]


def deliver(*, outbound: Outbound, at: datetime, channels: Mapping[str, Channel]) -> None:
    """Send one due delivery. Does nothing if it is no longer due or another worker claimed it.

    At least once: no transaction is open while the channel sends. If a worker dies after the server accepted
    the message and before `sent_at` is committed, the claim expires and the message is sent again with the
    same Message-ID.
    """
    delivery = outbound.delivery
    row = Delivery.objects.filter(id=delivery.id, attempts=delivery.attempts)
    if not row.claim(at=at, lease=LEASE, claimed_at=at):
        return
    delivery.attempts, delivery.claimed_at = delivery.attempts + 1, at
    if delivery.attempts > MAX_ATTEMPTS:
        # Every claim expired: sending it kills the worker.
        _finish(delivery, failed_at=at, error=delivery.error or "every attempt timed out")
        return
    if reason := _skip_reason_of(outbound):
        _finish(delivery, skipped=reason)
        return
    try:
        channels[delivery.channel](outbound)
    except PermanentDeliveryError as error:
        _finish(delivery, failed_at=at, error=str(error)[:500])
    except TransientDeliveryError as error:
        if delivery.attempts >= MAX_ATTEMPTS:
            _finish(delivery, failed_at=at, error=str(error)[:500])
        else:
            _reschedule(delivery, at=at, error=str(error)[:500])
    else:
        _mark_sent(delivery, at=at)


def _mark_sent(delivery: Delivery, *, at: datetime) -> None:
    try:
        _finish(delivery, sent_at=at, error="")
    except OperationalError:
        # Try a new database connection: a delivery that is not marked as sent is sent again.
        connection.close()
        _finish(delivery, sent_at=at, error="")


def _skip_reason_of(outbound: Outbound) -> str:
    delivery, notification = outbound.delivery, outbound.delivery.notification
    default = is_on_by_default(notification.kind, delivery.channel)
    is_on = default if outbound.choice is None else outbound.choice
    has_left = KINDS[notification.kind].members_only and outbound.has_left
    return skip_reason(muted=not is_on, read=notification.read_at is not None, left=has_left)


def _finish(delivery: Delivery, **fields: object) -> None:
    # Not conditional on our claim: a message that was sent is sent, even if the claim expired meanwhile.
    unfinished = Delivery.objects.filter(id=delivery.id, due_at__isnull=False)
    unfinished.update(due_at=None, claimed_at=None, **fields)


def _reschedule(delivery: Delivery, *, at: datetime, error: str) -> None:
    # Conditional on our claim: after it expired, the worker with the new claim decides.
    claimed = Delivery.objects.filter(id=delivery.id, claimed_at=delivery.claimed_at)
    claimed.update(due_at=at + delivery_backoff(delivery.attempts), claimed_at=None, error=error)


@transaction.atomic
def retry_delivery(*, delivery: Delivery, at: datetime) -> None:
    """Make a failed delivery due again with all its attempts. Idempotent."""
    Delivery.objects.failed().filter(id=delivery.id).update(due_at=at, failed_at=None, error="", attempts=0)
