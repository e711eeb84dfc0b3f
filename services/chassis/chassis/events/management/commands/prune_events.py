from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from chassis.events.models import Outgoing, Received

# The inbox is kept far longer than any event is re-driven: it is what makes a repeat harmless.
KEEP_ACKNOWLEDGED = timedelta(days=30)
KEEP_RECEIVED = timedelta(days=180)


class Command(BaseCommand):
    """Delete acknowledged outbox rows after 30 days and inbox rows after 180."""

    help = "Delete acknowledged outbox rows after 30 days and inbox rows after 180."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        sent, _ = Outgoing.objects.filter(acknowledged_at__lt=now - KEEP_ACKNOWLEDGED).delete()
        received, _ = Received.objects.filter(received_at__lt=now - KEEP_RECEIVED).delete()
        self.stdout.write(f"deleted {sent} acknowledged and {received} received")
