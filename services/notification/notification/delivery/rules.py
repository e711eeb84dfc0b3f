"""Backoff and skip rules of deliveries, and the errors that a channel raises."""

from __future__ import annotations

from datetime import timedelta

# How long a claim lasts. Longer than a task may run, which is 20 s.
LEASE = timedelta(minutes=1)
MIN_BACKOFF = timedelta(minutes=1)
MAX_BACKOFF = timedelta(hours=4)
# With the backoff below a little over two days, so that a mail server may be down for a weekend.
MAX_ATTEMPTS = 20


class TransientDeliveryError(Exception):
    """Sending failed; a later attempt may succeed."""


class PermanentDeliveryError(Exception):
    """Sending will never succeed: the server rejected the message or the address."""


def backoff(attempts: int) -> timedelta:
    """Return the wait after that many attempts: 1 min, 2 min, 4 min … at most 4 h."""
    return min(MIN_BACKOFF * (1 << min(attempts - 1, 10)), MAX_BACKOFF)


def skip_reason(*, muted: bool, read: bool, left: bool) -> str:
    """Return why a scheduled delivery must not be sent; "" if it may."""
    if muted:
        return "muted"
    if read:
        return "read"
    return "left" if left else ""
