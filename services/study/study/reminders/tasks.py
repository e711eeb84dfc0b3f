"""Periodic tasks of reminders. What is due follows from the rows: an aborted run loses nothing."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from study.missions.models import Mission
from study.reminders import actions, queries

# Missions that are compared at once.
BATCH_SIZE = 100


@shared_task(ignore_result=True)
def send_reminders(**_future: object) -> None:
    """Every five minutes: remind members of missions that opened, were moved, or are due soon."""
    now = timezone.now()
    for mission_id in queries.missions_to_remind(now, batch_size=BATCH_SIZE):
        actions.send_reminders(mission_id=mission_id, at=now)


@shared_task(ignore_result=True)
def send_review_digests(**_future: object) -> None:
    """Every five minutes: notify reviewers whose 09:00 has passed of what waits for them."""
    now = timezone.now()
    for account_id, since in queries.due_digests(now).items():
        actions.send_review_digest(account_id=account_id, since=since, at=now)
