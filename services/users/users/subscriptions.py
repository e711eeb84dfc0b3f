"""Event subscriptions of the users service: none."""

from __future__ import annotations

from chassis.events.receive import Handler

SUBSCRIPTIONS: dict[str, Handler] = {}
