"""The end of an event: forgotten on both sides, long after it mattered."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from chassis.events.models import Outgoing, Received

KEEP_ACKNOWLEDGED = timedelta(days=30)
# Far longer than any event is sent again: it is what makes a repeat harmless.
KEEP_RECEIVED = timedelta(days=180)
# So few at once that nobody waits long for their locks.
BATCH = 1000


def prune(*, at: datetime) -> None:
    """Delete outbox rows 30 days after they were acknowledged, and inbox rows after 180."""
    _delete(Outgoing.objects.filter(acknowledged_at__lt=at - KEEP_ACKNOWLEDGED))
    _delete(Received.objects.filter(received_at__lt=at - KEEP_RECEIVED))


def _delete(rows: QuerySet[Outgoing] | QuerySet[Received]) -> None:
    while batch := list(rows.values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=batch).delete()
