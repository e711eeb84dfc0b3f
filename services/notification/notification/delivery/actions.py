"""Planning deliveries, carrying them out, and giving up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import F

from notification.delivery.models import Delivery, Outbound
from notification.delivery.rules import (
    LEASE,
    MAX_ATTEMPTS,
    PermanentDeliveryError,
    TransientDeliveryError,
    backoff,
    skip_reason,
)
from notification.inbox.models import Notification
from notification.inbox.rules import KINDS
from notification.mirrors.models import AccountMirror
from notification.preferences.models import Preference
from notification.preferences.rules import CHANNELS, is_on_by_default

Channel = Callable[[Delivery, AccountMirror], None]
BATCH_SIZE = 500


@transaction.atomic
def schedule_deliveries(*, notifications: Iterable[Notification], at: datetime) -> list[UUID]:
    """A delivery wherever the recipients want this kind, which all of them have in common; return the ids."""
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
    """Carry out one delivery that is due. Does nothing if it no longer is, or if another worker claimed it.

    No transaction is open while the channel works. A worker that dies between the other side's "taken" and
    our note of it leaves a claim that lapses, and the message goes once more under the same Message-ID:
    that window is the only way to a second copy.
    """
    delivery, recipient = outbound.delivery, outbound.recipient
    # The conditional update is the lock: of several workers it answers 1 to one.
    claimed = Delivery.objects.due(at).filter(id=delivery.id, attempts=delivery.attempts)
    if not claimed.update(due_at=at + LEASE, claimed_at=at, attempts=F("attempts") + 1):
        return
    delivery.attempts, delivery.claimed_at = delivery.attempts + 1, at
    if delivery.attempts > MAX_ATTEMPTS:
        # Its claims keep lapsing: it kills whoever takes it up.
        _finish(delivery, failed_at=at, error=delivery.error or "never came to an end")
        return
    if reason := _skip_reason_of(outbound):
        _finish(delivery, skipped=reason)
        return
    try:
        if recipient is None or not recipient.email:
            raise TransientDeliveryError("no address has arrived yet")
        channels[delivery.channel](delivery, recipient)
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
        # The database may answer on another connection. What is not noted is sent again.
        connection.close()
        _finish(delivery, sent_at=at, error="")


def _skip_reason_of(outbound: Outbound) -> str:
    delivery, notification = outbound.delivery, outbound.delivery.notification
    default = is_on_by_default(notification.kind, delivery.channel)
    is_on = default if outbound.choice is None else outbound.choice
    has_left = KINDS[notification.kind].members_only and outbound.has_left
    return skip_reason(muted=not is_on, read=notification.read_at is not None, left=has_left)


def _finish(delivery: Delivery, **fields: object) -> None:
    # Not tied to our claim: what was sent is sent, even if the claim had lapsed meanwhile.
    unfinished = Delivery.objects.filter(id=delivery.id, due_at__isnull=False)
    unfinished.update(due_at=None, claimed_at=None, **fields)


def _reschedule(delivery: Delivery, *, at: datetime, error: str) -> None:
    # Tied to our claim: who took it over after it lapsed decides.
    claimed = Delivery.objects.filter(id=delivery.id, claimed_at=delivery.claimed_at)
    claimed.update(due_at=at + backoff(delivery.attempts), claimed_at=None, error=error)


@transaction.atomic
def retry_delivery(*, delivery: Delivery, at: datetime) -> None:
    """Put a delivery that was given up back on its way, with all its tries. Twice is the same as once."""
    Delivery.objects.failed().filter(id=delivery.id).update(due_at=at, failed_at=None, error="", attempts=0)
