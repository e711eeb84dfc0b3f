"""Both ends of the event pipe: what a service published, and events that it receives."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from chassis.testing import NOW


@pytest.fixture
def published() -> Callable[[str], list[dict[str, Any]]]:
    """published(name) → the payloads of that event in this service's outbox, oldest first, one per event."""
    from chassis.events.models import OutboxEvent

    def payloads(name: str) -> list[dict[str, Any]]:
        rows = OutboxEvent.objects.filter(name=name).order_by("id")
        return list({row.event_id: row.payload for row in rows}.values())

    return payloads


@cache
def event_schema(name: str) -> Any:
    """Return the validator of an event's payload, from services/contracts/events."""
    from jsonschema import Draft202012Validator, FormatChecker

    from chassis.settings_base import CONTRACTS

    schema = json.loads((CONTRACTS / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker())


@pytest.fixture(scope="session", autouse=True)
def _published_events_match_their_schemas() -> Iterator[None]:
    """Validate every payload that a test publishes."""
    from chassis.events import publish

    def validated(event: publish.Event, payload_of: Any = publish.payload_of) -> dict[str, Any]:
        payload: dict[str, Any] = payload_of(event)
        event_schema(event.event_name).validate(payload)
        return payload

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "payload_of", validated)
        yield


@pytest.fixture
def deliver_event() -> Callable[..., list[str]]:
    """deliver_event(name, payload, event_id=…): run the handler; return the ids that were acknowledged.

    Every payload has a field more than this release knows, as one of a later release may have.
    """
    from django.conf import settings
    from django.utils.module_loading import import_string

    from chassis.events.publish import Envelope
    from chassis.events.receive import receive

    def arrive(name: str, payload: dict[str, Any], event_id: uuid.UUID | None = None) -> list[str]:
        acknowledged: list[str] = []
        envelope = Envelope(
            event_id=str(event_id or uuid.uuid4()),
            name=name,
            producer=name.partition(".")[0],
            occurred_at=NOW.isoformat(),
            payload={**json.loads(json.dumps(payload, default=str)), "of_a_later_release": True},
        )
        subscriptions = import_string(settings.SUBSCRIPTIONS)
        receive(envelope, subscriptions, lambda done: acknowledged.append(done["event_id"]), at=NOW)
        return acknowledged

    return arrive
