"""Celery tasks for chat messages. Rows are the queue; tasks only reduce latency."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import structlog
from celery import shared_task
from django.db import DatabaseError
from django.utils import timezone

from chassis.celery_app import LOW_PRIORITY
from chassis.enqueue import enqueue, enqueue_on_commit
from notification.chat import actions, queries, webhooks
from notification.chat.models import ChatMessage

ROUND_SECONDS = 1.0
RETENTION = timedelta(days=30)
log = structlog.get_logger()


@shared_task(acks_late=True, ignore_result=True)
def send_due_messages(**_future: object) -> None:
    """Send due messages for ROUND_SECONDS; enqueue another task if some remain."""
    deadline = time.monotonic() + ROUND_SECONDS
    with webhooks.channel() as send:
        for message in _due():
            try:
                actions.deliver_message(message=message, at=timezone.now(), send=send)
            except DatabaseError:
                raise
            except Exception:
                # A message that cannot be rendered must not block the others.
                log.exception("chat_message_failed", message_id=str(message.id))
            if time.monotonic() > deadline:
                break
    if queries.is_due(timezone.now()):
        enqueue(send_due_messages, priority=LOW_PRIORITY)


def _due() -> Iterator[ChatMessage]:
    # One by one: what a webhook answered decides whether its next message is due.
    while batch := queries.due_messages(timezone.now(), limit=1):
        yield from batch


@shared_task(ignore_result=True)
def prune_chat_messages(**_future: object) -> None:
    """Delete messages that ended RETENTION ago."""
    actions.delete_old_messages(before=timezone.now() - RETENTION)


def enqueue_send_on_commit() -> None:
    """Enqueue `send_due_messages` after commit."""
    enqueue_on_commit(send_due_messages, priority=LOW_PRIORITY)
