"""When a delivery is tried again, when it is not wanted any more, and how a channel says no."""

from __future__ import annotations

from datetime import timedelta

# A worker that has held a delivery this long is taken for dead; a task runs for 20 s at most.
CLAIM_LASTS = timedelta(minutes=1)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
# With the waits below: a little over two days, so that a mail server may be down over a weekend.
TRIES = 20


class ChannelDown(Exception):
    """It did not go this time; it may go later."""


class AddressRefused(Exception):
    """It will never go: the other side does not want this message, or knows no such person."""


def wait_after(attempts: int) -> timedelta:
    """1 min, 2 min, 4 min … never more than four hours."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 10)), LONGEST_WAIT)


def why_not(*, muted: bool, read: bool, left: bool) -> str:
    """The reason for which a planned delivery is not wanted any more; empty if it is."""
    if muted:
        return "muted"
    if read:
        return "read"
    return "left" if left else ""
