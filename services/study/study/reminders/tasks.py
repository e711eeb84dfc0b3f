"""Periodic tasks of reminders. What is due follows from the rows: an aborted run loses nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import structlog
from celery import shared_task
from django.utils import timezone

from chassis.celery_app import LOW_PRIORITY
from chassis.enqueue import enqueue
from study.reminders import actions, queries

# Missions that are compared at once, with all that was sent to their members.
BATCH_SIZE = 20
# How long one task sends: events wait for its end, and a worker ends itself if a task takes longer than 30 s.
ROUND_SECONDS = 5.0
log = structlog.get_logger()


@shared_task(ignore_result=True)
def send_reminders(**_future: object) -> None:
    """Every five minutes: remind members of missions that opened, were moved, or are due soon.

    Sends for ROUND_SECONDS, and enqueues another task if some remain.
    """
    if not _send_all(_reminders(timezone.now())):
        enqueue(send_reminders, priority=LOW_PRIORITY)


@shared_task(ignore_result=True)
def send_review_digests(**_future: object) -> None:
    """Every five minutes: notify reviewers whose 09:00 has passed of what waits, as send_reminders does."""
    if not _send_all(_digests(timezone.now())):
        enqueue(send_review_digests, priority=LOW_PRIORITY)


def _reminders(at: datetime) -> Iterator[Callable[[], None]]:
    ids = queries.open_missions(at)
    for start in range(0, len(ids), BATCH_SIZE):
        batch = ids[start : start + BATCH_SIZE]
        for mission_id in actions.missions_to_remind(mission_ids=batch, at=at):
            yield partial(actions.send_reminders, mission_id=mission_id, at=at)


def _digests(at: datetime) -> Iterator[Callable[[], None]]:
    for account_id, since in queries.due_digests(at).items():
        yield partial(actions.send_review_digest, account_id=account_id, since=since, at=at)


def _send_all(sends: Iterator[Callable[[], None]]) -> bool:
    """Call each for ROUND_SECONDS; return True if none remains. One that fails does not block the others."""
    deadline = time.monotonic() + ROUND_SECONDS
    for send in sends:
        if time.monotonic() > deadline:
            return False
        try:
            send()
        except Exception:
            # The next run tries it again.
            log.exception("reminder_failed")
    return True
