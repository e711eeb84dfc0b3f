"""Retention of outbox rows and processed events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from chassis.events.models import OutboxEvent, ProcessedEvent

KEEP_ACKNOWLEDGED = timedelta(days=30)
# Much longer than an event is sent repeatedly: these rows make handlers idempotent.
KEEP_RECEIVED = timedelta(days=180)
# Small batches hold their locks briefly.
BATCH = 1000


def prune(*, at: datetime) -> Iterator[int]:
    """Delete outbox rows 30 days after their acknowledgement, and processed events after 180 days.

    Yield the size of each deleted batch, so that the caller can stop.
    """
    yield from _delete(OutboxEvent.objects.filter(acknowledged_at__lt=at - KEEP_ACKNOWLEDGED))
    yield from _delete(ProcessedEvent.objects.filter(received_at__lt=at - KEEP_RECEIVED))


def _delete(rows: QuerySet[OutboxEvent] | QuerySet[ProcessedEvent]) -> Iterator[int]:
    while batch := list(rows.values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=batch).delete()
        yield len(batch)
