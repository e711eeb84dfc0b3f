"""Deliveries in the background. Rows are the queue; tasks only reduce latency."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from uuid import UUID

import structlog
from celery import shared_task
from django.db import DatabaseError, transaction
from django.utils import timezone

from chassis.celery_app import LOW_PRIORITY
from notification.delivery import actions, queries, smtp
from notification.delivery.models import Outbound
from notification.preferences.rules import EMAIL

# How long one task sends: an event that arrives meanwhile waits for its end, on average half of this.
TASK_SECONDS = 1.0
# How many deliveries are loaded at once.
BATCH_SIZE = 50
log = structlog.get_logger()


@shared_task(acks_late=True, ignore_result=True)
def sweep(**_future: object) -> None:
    """Send what is due for TASK_SECONDS, over one connection; if that was not all, go on in another task.

    Runs every half minute, for what a lost message, a dead worker or a silent server left behind, and after
    each event that planned a delivery.
    """
    deadline = time.monotonic() + TASK_SECONDS
    with smtp.channel() as send:
        for outbound in _due():
            try:
                actions.deliver(outbound=outbound, at=timezone.now(), channels={EMAIL: send})
            except DatabaseError:
                raise
            except Exception:
                # One mail that cannot be composed must not hold up those of others.
                log.exception("delivery_failed", delivery_id=str(outbound.delivery.id))
            if time.monotonic() > deadline:
                break
    if queries.is_due(timezone.now()):
        _enqueue()


def _due() -> Iterator[Outbound]:
    while batch := queries.due(timezone.now(), limit=BATCH_SIZE):
        yield from batch


def enqueue_on_commit(delivery_ids: Collection[UUID]) -> None:
    """If anything was planned, send what is due once the transaction has committed.

    Without a queue the next sweep does it.
    """
    if delivery_ids:
        transaction.on_commit(_enqueue)


def _enqueue() -> None:
    try:
        sweep.apply_async(retry=False, priority=LOW_PRIORITY)
    except Exception as error:  # noqa: BLE001 - the queue is away in one of a dozen ways; the rows stay due
        log.warning("delivery_enqueue_failed", error=f"{type(error).__name__}: {error}")
