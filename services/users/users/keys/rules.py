"""Times at which a key is published, signs and retires."""

from __future__ import annotations

from datetime import timedelta

from chassis.settings_base import TOKEN_LIFETIME

# HTTP caches may serve the JWKS for this long. Verifiers cache it for up to an hour, and fetch it
# again, at most every 30 s, for an unknown key id.
JWKS_MAX_AGE = timedelta(minutes=5)
# A new key is in every verifier's cache before it signs.
PUBLISH_LEAD_TIME = timedelta(minutes=70)
# A retired key stays published until its last token has expired, with allowance for clock skew.
RETIREMENT_DELAY = TOKEN_LIFETIME + timedelta(minutes=10)
