"""Counting attempts, so that nobody can guess on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from chassis.refusals import Refusal
from users.limits.models import Attempts
from users.limits.rules import WINDOW, Limit


class TooManyAttempts(Refusal):
    code = "too_many_attempts"
    title = _("Too many attempts. Try again in %(minutes)d minutes.")
    status = 429


@transaction.atomic
def count_attempt(*, limits: Sequence[Limit], at: datetime) -> int:
    """Count one attempt before it is made, so that a crowd at once cannot pass. Return how many are left.

    TooManyAttempts, and then nothing is counted.
    """
    left = []
    # In one order for all, or two attempts could wait for each other.
    for limit in sorted(limits, key=lambda limit: limit.key):
        Attempts.objects.get_or_create(key=limit.key, defaults={"until": at + WINDOW})
        row = Attempts.objects.select_for_update().get(key=limit.key)
        if row.until <= at:
            row.count, row.until = 0, at + WINDOW
        if row.count >= limit.most:
            raise TooManyAttempts(minutes=-(-(row.until - at).seconds // 60))
        row.count += 1
        row.save(update_fields=["count", "until"])
        left.append(limit.most - row.count)
    return min(left)


@transaction.atomic
def give_back(*, limits: Sequence[Limit]) -> None:
    """The attempt was right after all: it does not count."""
    for limit in sorted(limits, key=lambda limit: limit.key):
        Attempts.objects.filter(key=limit.key, count__gt=0).update(count=F("count") - 1)


@transaction.atomic
def forget_attempts(*, limit: Limit) -> None:
    """The person proved themselves by mail: what strangers tried counts no more."""
    Attempts.objects.filter(key=limit.key).delete()


@transaction.atomic
def drop_past(*, at: datetime) -> None:
    """Forget windows that are over."""
    Attempts.objects.filter(until__lt=at).delete()
