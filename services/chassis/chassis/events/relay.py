"""The relay: sends due outbox rows to their consumers' queues until they are acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from chassis.events.models import OutboxEvent
from chassis.retry import backoff


def wait_after(attempts: int) -> timedelta:
    """Return the backoff: 5 s, 10 s, 20 s … at most RELAY_MAX_WAIT, which bounds the time to catch up."""
    return backoff(attempts, first=timedelta(seconds=5), longest=timedelta(seconds=settings.RELAY_MAX_WAIT))


def is_due(at: datetime) -> Q:
    """Return the condition of rows to send.

    A row that is due later than RELAY_MAX_WAIT was written by a clock that was ahead: it is sent too.
    """
    longest = at + timedelta(seconds=settings.RELAY_MAX_WAIT)
    return Q(next_attempt_at__lte=at) | Q(next_attempt_at__gt=longest)


def relay_batch(
    send: Callable[[OutboxEvent], None], *, at: datetime, size: int = 200, full: Collection[str] = ()
) -> int:
    """Send due events to their consumers' queues, except the saturated ones. Return how many were sent.

    The next attempt is scheduled before the event is sent, so that a crash, a queue that loses messages, or a
    lost acknowledgement all lead to another attempt.
    """
    with transaction.atomic():
        due = OutboxEvent.objects.filter(is_due(at), acknowledged_at=None).exclude(consumer__in=full)
        batch = list(due.select_for_update(skip_locked=True).order_by("next_attempt_at", "id")[:size])
        for row in batch:
            row.attempts += 1
            row.next_attempt_at = at + wait_after(row.attempts)
        OutboxEvent.objects.bulk_update(batch, ["attempts", "next_attempt_at"])
    for row in batch:
        send(row)
    return len(batch)


def acknowledge(*, event_id: UUID, consumer: str, at: datetime) -> None:
    """Mark the event as acknowledged by the consumer."""
    OutboxEvent.objects.filter(event_id=event_id, consumer=consumer, acknowledged_at=None).update(
        acknowledged_at=at
    )
