"""Recency of authentication."""

from __future__ import annotations

import time

from django.http import HttpRequest

RECENT_SECONDS = 600
AUTHENTICATED_AT_KEY = "authenticated_at"


def record_authentication(request: HttpRequest) -> None:
    """Record in the session that it authenticated now, by any method."""
    request.session[AUTHENTICATED_AT_KEY] = time.time()


def recently_authenticated(request: HttpRequest) -> bool:
    """Return True if the session authenticated, by any method, within RECENT_SECONDS."""
    return time.time() - float(request.session.get(AUTHENTICATED_AT_KEY, 0)) < RECENT_SECONDS
