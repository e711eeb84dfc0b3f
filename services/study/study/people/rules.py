"""When an export that users did not take is put again."""

from __future__ import annotations

from datetime import timedelta

# A worker that has held an export this long is taken for dead; a task may run for a minute.
LEASE = timedelta(minutes=2)
MIN_BACKOFF = timedelta(seconds=15)
MAX_BACKOFF = timedelta(hours=1)
MAX_ATTEMPTS = 60


def backoff(attempts: int) -> timedelta:
    """15 s, 30 s, 1 min … never more than an hour."""
    return min(MIN_BACKOFF * (1 << min(attempts - 1, 10)), MAX_BACKOFF)


class UsersUnavailable(Exception):
    """Users could not be reached, or could not take it."""
