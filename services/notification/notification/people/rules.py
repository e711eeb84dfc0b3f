"""Backoff of exports."""

from __future__ import annotations

from datetime import timedelta

# How long a claim lasts. Longer than a task may run, which is a minute.
LEASE = timedelta(minutes=2)
MIN_BACKOFF = timedelta(seconds=15)
MAX_BACKOFF = timedelta(hours=1)
MAX_ATTEMPTS = 60


def backoff(attempts: int) -> timedelta:
    """Return the wait after that many attempts: 15 s, 30 s, 1 min … at most 1 h."""
    return min(MIN_BACKOFF * (1 << min(attempts - 1, 10)), MAX_BACKOFF)


class UsersUnavailable(Exception):
    """The users service is unreachable or answered with an error."""
