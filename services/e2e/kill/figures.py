"""Query the two databases, as a line of JSON: python -m kill.figures open | sent | taken | prepare."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import django

EVENT = "study.announcement_published.v1"


def prepare() -> dict[str, Any]:
    """Notification: create the table of effects, and disable mail."""
    from django.db import connection

    from kill import READER
    from kill.counting import TABLE
    from notification.preferences.actions import update_preferences

    update_preferences(account_id=READER, choices={("announcement", "email"): False})
    key = "INTEGER PRIMARY KEY" if connection.vendor == "sqlite" else "BIGINT AUTO_INCREMENT PRIMARY KEY"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (id {key}, event_id CHAR(36) NOT NULL)")
    return {}


def wait_until_closed(seconds: float) -> dict[str, Any]:
    """Study: wait until every event is acknowledged; return the number of open ones."""
    from chassis.events.models import OutboxEvent

    deadline = time.monotonic() + seconds
    while (still := OutboxEvent.objects.filter(acknowledged_at=None).count()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return {"open": still}


def sent() -> dict[str, Any]:
    """Study: return the ids of the events, and how often they were sent."""
    from chassis.events.models import OutboxEvent

    rows = list(OutboxEvent.objects.filter(name=EVENT).values_list("event_id", "attempts"))
    return {"ids": [str(event_id) for event_id, _ in rows], "sends": sum(attempts for _, attempts in rows)}


def taken() -> dict[str, Any]:
    """Notification: return the effects by event, the inbox rows, and the dead letters."""
    from django.db import connection

    from chassis.events.models import DeadLetter
    from kill.counting import TABLE
    from notification.inbox.models import Notification

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT event_id, COUNT(*) FROM {TABLE} GROUP BY event_id")
        effects = dict(cursor.fetchall())
    dead_letters = DeadLetter.objects.given_up().count()
    return {"effects": effects, "inbox": Notification.objects.count(), "dead_letters": dead_letters}


if __name__ == "__main__":
    django.setup()
    verb, *rest = sys.argv[1:]
    verbs: dict[str, Callable[..., dict[str, Any]]] = {
        "prepare": prepare,
        "open": wait_until_closed,
        "sent": sent,
        "taken": taken,
    }
    sys.stdout.write(json.dumps(verbs[verb](*map(float, rest))) + "\n")
