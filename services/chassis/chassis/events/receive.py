"""Consume events of other services. Delivered at least once, each takes effect at most once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from chassis.events.models import DeadLetter, ProcessedEvent
from chassis.events.publish import Envelope

Handler = Callable[[Envelope], None]
log = structlog.get_logger()


def receive(
    envelope: Envelope,
    subscriptions: Mapping[str, Handler],
    acknowledge: Callable[[Envelope], None],
    *,
    at: datetime,
) -> None:
    """Run the event's handler, unless it ran before, and acknowledge the event.

    A repeated event is acknowledged as well: the first acknowledgement may have been lost. An unknown
    event is not acknowledged; the producer sends it again after the deploy that knows it. A handler that
    fails runs again when the event is sent again; after MAX_EVENT_ATTEMPTS the event is a dead letter, and is
    acknowledged.
    """
    handler = subscriptions.get(envelope["name"])
    if handler is None:
        log.warning("event_unknown", name=envelope["name"], event_id=envelope["event_id"])
        return
    try:
        _apply_once(envelope, handler, at=at)
    except Exception as error:
        log.exception("event_failed", name=envelope["name"], event_id=envelope["event_id"])
        if not _count_failure(envelope, error, at=at):
            return
    acknowledge(envelope)


@transaction.atomic
def _apply_once(envelope: Envelope, handler: Handler, *, at: datetime) -> None:
    event_id = UUID(envelope["event_id"])
    dead_letter = DeadLetter.objects.given_up().filter(event_id=event_id)
    if ProcessedEvent.objects.filter(event_id=event_id).exists() or dead_letter.exists():
        return
    try:
        with transaction.atomic():
            ProcessedEvent.objects.create(event_id=event_id, received_at=at)
    except IntegrityError:
        # Another worker handles the same event; the primary key made this insert wait for its commit.
        return
    handler(envelope)
    DeadLetter.objects.filter(event_id=event_id).delete()


@transaction.atomic
def _count_failure(envelope: Envelope, error: Exception, *, at: datetime) -> bool:
    """Record the failure. Return True after the last attempt: the event is a dead letter."""
    row, _ = DeadLetter.objects.select_for_update().get_or_create(
        event_id=envelope["event_id"], defaults={"envelope": dict(envelope), "error": "", "failed_at": at}
    )
    row.attempts += 1
    row.error = f"{type(error).__name__}: {error}"[:4000]
    row.failed_at = at
    row.given_up_at = row.given_up_at or (at if row.attempts >= settings.MAX_EVENT_ATTEMPTS else None)
    row.save(update_fields=["attempts", "error", "failed_at", "given_up_at"])
    return row.given_up_at is not None


def retry(event_id: UUID, subscriptions: Mapping[str, Handler], *, at: datetime) -> bool:
    """Run a dead letter's handler now, and delete the dead letter on success. False if there is none."""
    with transaction.atomic():
        row = DeadLetter.objects.given_up().select_for_update().filter(event_id=event_id).first()
        if row is None:
            return False
        row.given_up_at = None
        row.save(update_fields=["given_up_at"])
        _apply_once(row.envelope, subscriptions[row.envelope["name"]], at=at)
        return True
