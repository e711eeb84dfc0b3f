"""Rows that are due: one worker claims a row for a time, and retries it with exponential backoff."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


def backoff(attempts: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """Return the wait after that many attempts: `first`, then twice as long each time, at most `longest`."""
    return min(first * (1 << min(attempts - 1, 10)), longest)


class DueQuerySet(models.QuerySet[Row_co]):
    """Rows with `next_attempt_at`, NULL if no attempt is to come, and `attempts`."""

    def due(self, at: datetime) -> Self:
        """Filter rows whose next attempt is due. A claim moves `next_attempt_at` to its expiry."""
        return self.filter(next_attempt_at__lte=at)

    def claim(self, *, at: datetime, lease: timedelta, **fields: Any) -> bool:
        """Claim the row if it is due, until `lease` has passed, and count the attempt.

        Returns False if it is not due or another worker has claimed it.
        """
        # The conditional update is the lock: it returns 1 to one worker only.
        return bool(self.due(at).update(next_attempt_at=at + lease, attempts=F("attempts") + 1, **fields))
