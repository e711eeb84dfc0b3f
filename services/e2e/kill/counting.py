"""Notification's handlers, each with a counter row in the transaction of its effect.

Inbox rows cannot show a duplicate effect, because they have a unique key. This table has none.
"""

from __future__ import annotations

from django.db import connection

from chassis.events.publish import Envelope
from chassis.events.receive import Handler
from notification.subscriptions import SUBSCRIPTIONS as REAL

TABLE = "kill_effect"


def counted(handler: Handler) -> Handler:
    """Wrap a handler to insert a counter row."""

    def both(envelope: Envelope) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE} (event_id) VALUES (%s)", [envelope["event_id"]])
        handler(envelope)

    return both


SUBSCRIPTIONS: dict[str, Handler] = {name: counted(handler) for name, handler in REAL.items()}
