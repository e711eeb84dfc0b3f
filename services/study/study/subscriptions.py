"""Everything that the study service listens to."""

from __future__ import annotations

from chassis.events.receive import Handler

SUBSCRIPTIONS: dict[str, Handler] = {}
