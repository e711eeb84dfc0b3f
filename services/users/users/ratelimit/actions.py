"""Count attempts in fixed windows, against guessing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from users.ratelimit.models import AttemptCounter, CacheEntry
from users.ratelimit.rules import WINDOW, Limit


class TooManyAttempts(DomainError):
    code = "too_many_attempts"
    title = _("Too many attempts. Try again in %(minutes)d minutes.")
    status = 429


def count_attempt(*, limits: Sequence[Limit], at: datetime) -> int:
    """Count an attempt before it is made, so that concurrent attempts cannot exceed a limit.

    Return how many attempts are left. TooManyAttempts if a limit is reached; nothing is counted then.
    """
    # Insert missing rows outside the counting transaction: two transactions that insert and then count
    # deadlock on MySQL.
    known = set(
        AttemptCounter.objects.filter(key__in=[limit.key for limit in limits]).values_list("key", flat=True)
    )
    AttemptCounter.objects.bulk_create(
        (AttemptCounter(key=limit.key, expires_at=at + WINDOW) for limit in limits if limit.key not in known),
        ignore_conflicts=True,
    )
    return _count(limits, at)


@transaction.atomic
def _count(limits: Sequence[Limit], at: datetime) -> int:
    left = []
    # Lock in one order, so that concurrent attempts do not deadlock.
    for limit in sorted(limits, key=lambda limit: limit.key):
        counter = AttemptCounter.objects.select_for_update().get(key=limit.key)
        if counter.expires_at <= at:
            counter.count, counter.expires_at = 0, at + WINDOW
        if counter.count >= limit.max_attempts:
            wait = math.ceil((counter.expires_at - at).total_seconds())
            raise TooManyAttempts(minutes=math.ceil(wait / 60), wait=wait)
        counter.count += 1
        counter.save(update_fields=["count", "expires_at"])
        left.append(limit.max_attempts - counter.count)
    return min(left)


@transaction.atomic
def refund(*, limits: Sequence[Limit]) -> None:
    """Uncount an attempt that turned out to be legitimate."""
    for limit in sorted(limits, key=lambda limit: limit.key):
        AttemptCounter.objects.filter(key=limit.key, count__gt=0).update(count=F("count") - 1)


@transaction.atomic
def reset_attempts(*, limit: Limit) -> None:
    """Reset the counter of a limit, after the account was proven by email."""
    AttemptCounter.objects.filter(key=limit.key).update(count=0)


@transaction.atomic
def delete_expired_counters(*, at: datetime) -> None:
    """Delete counters and cache rows that expired over an hour ago: none is about to be locked."""
    AttemptCounter.objects.filter(expires_at__lt=at - timedelta(hours=1)).delete()
    CacheEntry.objects.filter(expires__lt=at - timedelta(hours=1)).delete()
