"""Limits of exports, and the services that contribute sections."""

from __future__ import annotations

from datetime import timedelta

RETENTION = timedelta(days=7)
# A new export may be requested if one is incomplete after this time.
SECTION_TIMEOUT = timedelta(hours=24)
MAX_SECTION_BYTES = 20 * 1024 * 1024
OWN_SERVICE = "users"
OTHER_SERVICES = ["study", "notification"]
SERVICES = [OWN_SERVICE, *OTHER_SERVICES]
