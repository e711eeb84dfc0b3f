"""The relay: due rows go on their consumers' queues, again and again, until acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from chassis.events.models import OutboxEvent


def wait_after(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s … never longer than RELAY_LONGEST_WAIT, which bounds the time to catch up."""
    return min(
        timedelta(seconds=5) * (1 << min(attempts - 1, 10)), timedelta(seconds=settings.RELAY_LONGEST_WAIT)
    )


def is_due(at: datetime) -> Q:
    """Return the condition of rows to send.

    No row is booked for later than RELAY_LONGEST_WAIT, unless a clock was ahead that is right again.
    """
    longest = at + timedelta(seconds=settings.RELAY_LONGEST_WAIT)
    return Q(next_try_at__lte=at) | Q(next_try_at__gt=longest)


def relay_batch(
    send: Callable[[OutboxEvent], None], *, at: datetime, size: int = 200, full: Collection[str] = ()
) -> int:
    """Put due events on their consumers' queues, but for those that are full. Return how many went.

    A row is booked for its next try before it is sent, so a crash here, a queue that
    forgets, or a lost acknowledgement all end the same way: it goes again.
    """
    with transaction.atomic():
        due = OutboxEvent.objects.filter(is_due(at), acknowledged_at=None).exclude(consumer__in=full)
        batch = list(due.select_for_update(skip_locked=True).order_by("next_try_at", "id")[:size])
        for row in batch:
            row.attempts += 1
            row.next_try_at = at + wait_after(row.attempts)
        OutboxEvent.objects.bulk_update(batch, ["attempts", "next_try_at"])
    for row in batch:
        send(row)
    return len(batch)


def acknowledge(*, event_id: UUID, consumer: str, at: datetime) -> None:
    """Close the row: the consumer has this event for good."""
    OutboxEvent.objects.filter(event_id=event_id, consumer=consumer, acknowledged_at=None).update(
        acknowledged_at=at
    )
