"""Periodic tasks of reminders. What is due follows from the rows: an aborted run loses nothing."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from study.reminders import actions, queries

# Missions that are compared at once.
BATCH_SIZE = 100


@shared_task(ignore_result=True)
def send_reminders(**_future: object) -> None:
    """Every five minutes: remind members of missions that opened, were moved, or are due soon."""
    now = timezone.now()
    ids = queries.open_missions(now)
    for start in range(0, len(ids), BATCH_SIZE):
        actions.send_reminders(mission_ids=ids[start : start + BATCH_SIZE], at=now)


@shared_task(ignore_result=True)
def send_review_digests(**_future: object) -> None:
    """Every five minutes: notify reviewers whose 09:00 has passed of what waits for them."""
    now = timezone.now()
    for account_id, since in queries.due_digests(now).items():
        actions.send_review_digest(account_id=account_id, since=since, at=now)
