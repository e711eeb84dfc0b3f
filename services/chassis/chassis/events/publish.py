"""Transactional outbox: events are written in the transaction of the change."""

from __future__ import annotations

import dataclasses
import json
import uuid
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypedDict

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from chassis.events.models import OutboxEvent


class Event(Protocol):
    """A frozen dataclass with a name `<service>.<subject>_<past participle>.v<n>`."""

    name: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


class Envelope(TypedDict):
    """An event as it is sent."""

    event_id: str
    name: str
    producer: str
    occurred_at: str
    payload: dict[str, Any]


def publish(event: Event, *, at: datetime) -> None:
    """Write one outbox row per consumer. Raises RuntimeError outside a transaction.

    The event is sent if, and only if, the transaction commits. A field called `name_` is sent as "name",
    because `name` on the class is the name of the event.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event.name} published outside a transaction")
    fields = {field.rstrip("_"): value for field, value in dataclasses.asdict(event).items()}
    payload = json.loads(json.dumps(fields, cls=DjangoJSONEncoder))
    event_id = uuid.uuid4()
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            event_id=event_id,
            consumer=consumer,
            name=event.name,
            payload=payload,
            occurred_at=at,
            next_try_at=at,
        )
        for consumer in settings.CONSUMERS[event.name]
    )


def envelope_of(row: OutboxEvent) -> Envelope:
    """Return the envelope of an outbox row."""
    return Envelope(
        event_id=str(row.event_id),
        name=row.name,
        producer=settings.SERVICE,
        occurred_at=row.occurred_at.isoformat(),
        payload=row.payload,
    )
