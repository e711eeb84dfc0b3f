"""Everything that the users service listens to: nothing. Others hear it."""

from __future__ import annotations

from chassis.events.receive import Handler

SUBSCRIPTIONS: dict[str, Handler] = {}
