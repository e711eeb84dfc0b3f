from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet
from django.utils import timezone

from chassis.events.models import Outgoing, Received

# The inbox is kept far longer than any event is re-driven: it is what makes a repeat harmless.
KEEP_ACKNOWLEDGED = timedelta(days=30)
KEEP_RECEIVED = timedelta(days=180)
# So few at once that nobody waits long for their locks.
BATCH = 1000


class Command(BaseCommand):
    """Delete acknowledged outbox rows after 30 days and inbox rows after 180; the clock does so daily."""

    help = "Delete acknowledged outbox rows after 30 days and inbox rows after 180."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        sent = _deleted(Outgoing.objects.filter(acknowledged_at__lt=now - KEEP_ACKNOWLEDGED))
        received = _deleted(Received.objects.filter(received_at__lt=now - KEEP_RECEIVED))
        self.stdout.write(f"deleted {sent} acknowledged and {received} received")


def _deleted(rows: QuerySet[Any]) -> int:
    count = 0
    while batch := list(rows.values_list("pk", flat=True)[:BATCH]):
        count += rows.filter(pk__in=batch).delete()[0]
    return count
