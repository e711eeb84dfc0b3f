"""Recency of authentication."""

from __future__ import annotations

import time

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest

RECENT_SECONDS = 600


def recently_authenticated(request: HttpRequest) -> bool:
    """Return True if the session authenticated, by any method, within RECENT_SECONDS."""
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < RECENT_SECONDS for record in records)
