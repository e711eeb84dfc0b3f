"""Deliveries in the background. The rows are the queue; these are the hurry."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from uuid import UUID

import structlog
from celery import shared_task
from django.db import transaction
from django.utils import timezone

from notification.delivery import actions, queries, smtp
from notification.preferences.rules import EMAIL

CHANNELS = {EMAIL: smtp.send}
# What one sweep hurries along, and how long its messages are worth reading: the next sweep sends them again.
MOST = 200
SWEEP_SECONDS = 60
log = structlog.get_logger()


@shared_task(acks_late=True, ignore_result=True)
def deliver(*, delivery_id: str, **later: object) -> None:
    """Carry out one delivery."""
    actions.deliver(delivery_id=UUID(delivery_id), at=timezone.now(), channels=CHANNELS)


@shared_task(ignore_result=True)
def sweep(**later: object) -> None:
    """Every minute: hurry along whatever a lost task, a dead worker or a silent server left behind."""
    _put(queries.due(timezone.now(), most=MOST))


def hurry(delivery_ids: Iterable[UUID]) -> None:
    """Carry these out as soon as the transaction has committed. What the queue loses, the sweep finds."""
    transaction.on_commit(partial(_put, list(delivery_ids)))


def _put(delivery_ids: Iterable[UUID]) -> None:
    try:
        for delivery_id in delivery_ids:
            deliver.apply_async(kwargs={"delivery_id": str(delivery_id)}, expires=SWEEP_SECONDS, retry=False)
    except Exception as error:  # noqa: BLE001 - the queue is away in one of a dozen ways; the rows stay due
        log.warning("deliveries_not_hurried", error=f"{type(error).__name__}: {error}")
