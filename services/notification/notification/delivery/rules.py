"""The backoff of deliveries, what comes too late, and the recipient's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from chassis.retry import backoff

# How long a claim lasts. Longer than a task may run, which is 30 s.
LEASE = timedelta(minutes=1)
# 1 min, 2 min, 4 min … at most 4 h.
delivery_backoff = partial(backoff, first=timedelta(minutes=1), longest=timedelta(hours=4))
# With this backoff a little over two days, so that a mail server may be down for a weekend.
MAX_ATTEMPTS = 20


def is_expired(context: Mapping[str, Any], *, at: datetime) -> bool:
    """Return True if the notification says that it is of no use by now."""
    expires_at = context.get("expires_at")
    return expires_at is not None and datetime.fromisoformat(expires_at) <= at


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of that name; that of the installation if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)
