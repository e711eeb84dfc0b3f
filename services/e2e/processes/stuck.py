"""A handler that hangs, as one without a timeout."""

from __future__ import annotations

import time

import structlog

from chassis.events.publish import Envelope
from chassis.events.receive import Handler


def hang(envelope: Envelope) -> None:
    """Never return."""
    structlog.get_logger().warning("stuck_for_the_test")
    time.sleep(3600)


SUBSCRIPTIONS: dict[str, Handler] = {"users.account_closed.v1": hang}
