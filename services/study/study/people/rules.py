"""Retries of exports. Pure."""

from __future__ import annotations

from datetime import timedelta

# After this time another worker may claim the export; a task may run for a minute.
LEASE = timedelta(minutes=2)
MIN_BACKOFF = timedelta(seconds=15)
MAX_BACKOFF = timedelta(hours=1)
MAX_ATTEMPTS = 60


def backoff(attempts: int) -> timedelta:
    """Return the wait after that many attempts: 15 s, 30 s, 1 min … at most an hour."""
    return min(MIN_BACKOFF * (1 << min(attempts - 1, 10)), MAX_BACKOFF)


class UsersUnavailable(Exception):
    """Users could not be reached or did not accept the export."""
