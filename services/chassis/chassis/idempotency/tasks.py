"""Retention of idempotency records."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from chassis.idempotency.models import IdempotencyRecord

KEEP = timedelta(days=1)
# Small batches hold their locks briefly.
BATCH = 1000


@shared_task(ignore_result=True)
def prune_idempotency_records(**_future: object) -> None:
    """Delete records older than a day. Runs hourly."""
    old = IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEEP)
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        old.filter(pk__in=batch).delete()
