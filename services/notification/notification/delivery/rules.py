"""The backoff of deliveries, what comes too late, and what waits for the end of quiet hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from chassis.retry import backoff
from notification.inbox.models import Notification
from notification.preferences.rules import QuietHours, time_to_send

# How long a claim lasts. Longer than a task may run, which is 30 s.
LEASE = timedelta(minutes=1)
# 1 min, 2 min, 4 min … at most 4 h.
delivery_backoff = partial(backoff, first=timedelta(minutes=1), longest=timedelta(hours=4))
# With this backoff a little over two days, so that a mail server may be down for a weekend.
MAX_ATTEMPTS = 20


def is_expired(context: Mapping[str, Any], *, at: datetime) -> bool:
    """Return True if the notification says that it is of no use by now."""
    expires_at = expiry_of(context)
    return expires_at is not None and expires_at <= at


def expiry_of(context: Mapping[str, Any]) -> datetime | None:
    """Return when the notification is of no use any more; None if it always is."""
    return datetime.fromisoformat(context["expires_at"]) if context.get("expires_at") else None


def first_time_to_send(
    notification: Notification, due: datetime, *, at: datetime, quiet: QuietHours | None, time_zone: str
) -> datetime | None:
    """Return when what is due since `due` is sent: `due`, or when the recipient's quiet hours end.

    `at` is now. None if it is of no use then. What the recipient did is answered at once.
    """
    if notification.about_id == notification.account_id:
        return due
    zone, expires_at = zone_of(time_zone), expiry_of(notification.context)
    return time_to_send(due, at=at, quiet=quiet, zone=zone, deadline=expires_at)


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of that name; that of the installation if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)
