"""The handlers of notification, each leaving a mark in the transaction of its effect.

Inbox rows alone would not show a second effect: their key forbids it. This table has no key to hide behind.
"""

from __future__ import annotations

from django.db import connection

from chassis.events.publish import Envelope
from chassis.events.receive import Handler
from notification.subscriptions import SUBSCRIPTIONS as REAL

TABLE = "kill_effect"


def counted(handler: Handler) -> Handler:
    """The handler, and the mark."""

    def both(envelope: Envelope) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE} (event_id) VALUES (%s)", [envelope["event_id"]])
        handler(envelope)

    return both


SUBSCRIPTIONS: dict[str, Handler] = {name: counted(handler) for name, handler in REAL.items()}
