"""Times at which a key is published, signs and retires."""

from __future__ import annotations

from datetime import datetime, timedelta

from chassis.settings_base import TOKEN_LIFETIME

# HTTP caches may serve the JWKS for this long. Verifiers cache it for up to an hour, and fetch it
# again, at most every 30 s, for an unknown key id.
JWKS_MAX_AGE = timedelta(minutes=5)
# A new key is in every verifier's cache before it signs.
PUBLISH_LEAD_TIME = timedelta(minutes=70)
# A retired key stays published until its last token has expired, with allowance for clock skew.
RETIREMENT_DELAY = TOKEN_LIFETIME + timedelta(minutes=10)


def signs_from(now: datetime, *, immediately: bool) -> datetime:
    """Return when a key created now starts to sign."""
    return now if immediately else now + PUBLISH_LEAD_TIME


def retires_at(successor_signs_from: datetime) -> datetime:
    """Return when a key retires, given when its successor starts to sign."""
    return successor_signs_from + RETIREMENT_DELAY
