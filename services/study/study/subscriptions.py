"""Events that the study service consumes, with their handlers."""

from __future__ import annotations

from chassis.events.receive import Handler
from study.mirrors import handlers as mirrors
from study.people import handlers as people

SUBSCRIPTIONS: dict[str, Handler] = {
    "users.account_changed.v1": mirrors.account_changed,
    "users.account_closed.v1": people.account_closed,
    "users.export_requested.v1": people.export_requested,
}
