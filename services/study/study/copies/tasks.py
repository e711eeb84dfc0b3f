"""The periodic task that creates cohorts from former ones. The rows are the queue."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from study.copies import actions, queries

BATCH_SIZE = 10


@shared_task(ignore_result=True)
def create_copied_cohorts(**_future: object) -> None:
    """Every minute, and as one is requested: create cohorts from former ones."""
    for copy_id in queries.copies_due(timezone.now(), limit=BATCH_SIZE):
        actions.create_copied_cohort(copy_id=copy_id, at=timezone.now())
