"""Events that the study service consumes, with their handlers."""

from __future__ import annotations

from chassis.account_mirror import handlers as account_mirror
from chassis.events.receive import Handler
from chassis.personal_data import handlers as personal_data

SUBSCRIPTIONS: dict[str, Handler] = {
    "users.account_changed.v1": account_mirror.account_changed,
    "users.account_closed.v1": personal_data.account_closed,
    "users.export_requested.v1": personal_data.export_requested,
}
