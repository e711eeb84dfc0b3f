"""When a delivery is tried again, when it is not wanted any more, and how a channel says no."""

from __future__ import annotations

from datetime import timedelta

# A worker that has held a delivery this long is taken for dead; a task runs for 20 s at most.
LEASE = timedelta(minutes=1)
MIN_BACKOFF = timedelta(minutes=1)
MAX_BACKOFF = timedelta(hours=4)
# With the waits below: a little over two days, so that a mail server may be down over a weekend.
MAX_ATTEMPTS = 20


class TransientDeliveryError(Exception):
    """It did not go this time; it may go later."""


class PermanentDeliveryError(Exception):
    """It will never go: the other side does not want this message, or knows no such person."""


def backoff(attempts: int) -> timedelta:
    """1 min, 2 min, 4 min … never more than four hours."""
    return min(MIN_BACKOFF * (1 << min(attempts - 1, 10)), MAX_BACKOFF)


def skip_reason(*, muted: bool, read: bool, left: bool) -> str:
    """The reason for which a planned delivery is not wanted any more; empty if it is."""
    if muted:
        return "muted"
    if read:
        return "read"
    return "left" if left else ""
