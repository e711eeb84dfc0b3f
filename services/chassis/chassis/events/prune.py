"""The end of an event: forgotten on both sides, long after it mattered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from chassis.events.models import OutboxEvent, ProcessedEvent

KEEP_ACKNOWLEDGED = timedelta(days=30)
# Far longer than any event is sent again: it is what makes a repeat harmless.
KEEP_RECEIVED = timedelta(days=180)
# So few at once that nobody waits long for their locks.
BATCH = 1000


def prune(*, at: datetime) -> Iterator[int]:
    """Delete outbox rows 30 days after they were acknowledged, and inbox rows after 180.

    Yield the size of each batch that went, so that the caller may stop.
    """
    yield from _delete(OutboxEvent.objects.filter(acknowledged_at__lt=at - KEEP_ACKNOWLEDGED))
    yield from _delete(ProcessedEvent.objects.filter(received_at__lt=at - KEEP_RECEIVED))


def _delete(rows: QuerySet[OutboxEvent] | QuerySet[ProcessedEvent]) -> Iterator[int]:
    while batch := list(rows.values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=batch).delete()
        yield len(batch)
