"""Retention of idempotency records."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from chassis.idempotency.models import IdempotencyRecord
from chassis.retention import delete_in_batches

KEEP = timedelta(days=1)


@shared_task(ignore_result=True)
def prune_idempotency_records(**_future: object) -> None:
    """Delete records older than a day. Runs hourly."""
    for _size in delete_in_batches(IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEEP)):
        pass
