"""Transactional outbox: events are written in the transaction of the change."""

from __future__ import annotations

import uuid
from dataclasses import Field
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypedDict

from django.conf import settings
from django.db import connection
from msgspec import to_builtins

from chassis.events.models import OutboxEvent


class Event(Protocol):
    """A frozen dataclass with a name `<service>.<subject>_<past participle>.v<n>`."""

    event_name: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


class Envelope(TypedDict):
    """An event as it is sent."""

    event_id: str
    name: str
    producer: str
    occurred_at: str
    payload: dict[str, Any]


def publish(event: Event, *, at: datetime) -> None:
    """Write one outbox row per consumer. Raises RuntimeError outside a transaction.

    The event is sent if, and only if, the transaction commits.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event.event_name} published outside a transaction")
    payload = payload_of(event)
    event_id = uuid.uuid4()
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            event_id=event_id,
            consumer=consumer,
            name=event.event_name,
            payload=payload,
            occurred_at=at,
            next_attempt_at=at,
        )
        for consumer in settings.CONSUMERS[event.event_name]
    )


def payload_of(event: Event) -> dict[str, Any]:
    """Return an event's fields as JSON types."""
    payload: dict[str, Any] = to_builtins(event)
    return payload


def envelope_of(row: OutboxEvent) -> Envelope:
    """Return the envelope of an outbox row."""
    return Envelope(
        event_id=str(row.event_id),
        name=row.name,
        producer=settings.SERVICE,
        occurred_at=row.occurred_at.isoformat(),
        payload=row.payload,
    )
