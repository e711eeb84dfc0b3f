"""MySQL ends one of several transactions that wait for each other; run again, it succeeds."""

from __future__ import annotations

from django.db import OperationalError

MAX_ATTEMPTS = 3
# MySQL's error number.
_DEADLOCK = 1213


def is_deadlock(error: Exception) -> bool:
    """Return True if the database rolled the whole transaction back to resolve a deadlock."""
    return isinstance(error, OperationalError) and error.args[:1] == (_DEADLOCK,)
