"""When an export that users did not take is put again."""

from __future__ import annotations

from datetime import timedelta

# A worker that has held an export this long is taken for dead; a task may run for a minute.
CLAIM_LASTS = timedelta(minutes=2)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
TRIES = 60


def wait_after(attempts: int) -> timedelta:
    """15 s, 30 s, 1 min … never more than an hour."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 10)), LONGEST_WAIT)


class PeerDown(Exception):
    """Users could not be reached, or could not take it."""
