"""Celery tasks for deliveries. Rows are the queue; tasks only reduce latency."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from uuid import UUID

import structlog
from celery import shared_task
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.module_loading import import_string

from chassis.celery_app import LOW_PRIORITY
from chassis.enqueue import enqueue, enqueue_on_commit
from notification.delivery import actions, queries, smtp
from notification.delivery.models import Delivery, InvitationEmail

# How long one task sends. An event that arrives meanwhile waits for its end, on average half of this.
ROUND_SECONDS = 1.0
# Deliveries loaded per query.
BATCH_SIZE = 50
log = structlog.get_logger()


@shared_task(acks_late=True, ignore_result=True)
def send_due_deliveries(**_future: object) -> None:
    """Send due deliveries, ROUND_SECONDS for each channel; enqueue another task if some remain.

    Runs after each event that scheduled a delivery, and every 30 s for what a lost task, a killed worker or
    a failed attempt left behind.
    """
    for name, path in settings.DELIVERY_CHANNELS.items():
        _send_due(name, import_string(path))
    if queries.is_due(timezone.now()):
        enqueue(send_due_deliveries, priority=LOW_PRIORITY)


def _send_due(name: str, channel: Callable[[], AbstractContextManager[actions.SendDelivery]]) -> None:
    deadline = time.monotonic() + ROUND_SECONDS
    with channel() as send:
        for delivery in _due(name):
            try:
                actions.deliver(delivery=delivery, at=timezone.now(), senders={name: send})
            except DatabaseError:
                raise
            except Exception:
                # A message that cannot be rendered must not block the others.
                log.exception("delivery_failed", delivery_id=str(delivery.id))
            if time.monotonic() > deadline:
                break


def _due(channel: str) -> Iterator[Delivery]:
    while batch := queries.due(timezone.now(), limit=BATCH_SIZE, channel=channel):
        yield from batch


@shared_task(acks_late=True, ignore_result=True)
def send_due_invitations(**_future: object) -> None:
    """Send due invitations by email, as `send_due_deliveries` does deliveries."""
    deadline = time.monotonic() + ROUND_SECONDS
    with smtp.invitation_channel() as send:
        for email in _due_invitations():
            try:
                actions.send_invitation(email=email, at=timezone.now(), send=send)
            except DatabaseError:
                raise
            except Exception:
                log.exception("invitation_not_sent", email_id=str(email.id))
            if time.monotonic() > deadline:
                break
    if queries.due_invitations(timezone.now(), limit=1):
        enqueue(send_due_invitations, priority=LOW_PRIORITY)


def _due_invitations() -> Iterator[InvitationEmail]:
    while batch := queries.due_invitations(timezone.now(), limit=BATCH_SIZE):
        yield from batch


def enqueue_send_on_commit(delivery_ids: Collection[UUID]) -> None:
    """Enqueue `send_due_deliveries` after commit, if there are deliveries."""
    if delivery_ids:
        enqueue_on_commit(send_due_deliveries, priority=LOW_PRIORITY)
