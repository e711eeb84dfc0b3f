"""When a key is published, when it signs, and when it goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from chassis.settings_base import TOKEN_LIFETIME

# Caches may serve the key list for this long. Verifiers keep it for up to an hour, and ask
# again, at most every 30 s, for a key id that they do not know.
JWKS_MAX_AGE = timedelta(minutes=5)
# A new key is in every list before it signs.
PUBLISH_LEAD_TIME = timedelta(minutes=70)
# An old key stays in the list until the last token it signed is over, on clocks that differ too.
RETIREMENT_DELAY = TOKEN_LIFETIME + timedelta(minutes=10)


def signs_from(now: datetime, *, immediately: bool) -> datetime:
    """When a key made now begins to sign."""
    return now if immediately else now + PUBLISH_LEAD_TIME


def retires_at(successor_signs_from: datetime) -> datetime:
    """When a key leaves the list, given when its successor begins to sign."""
    return successor_signs_from + RETIREMENT_DELAY
