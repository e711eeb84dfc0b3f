"""How long a copy is worth, and who takes part."""

from __future__ import annotations

from datetime import timedelta

RETENTION = timedelta(days=7)
# Whoever has had no answer for so long may ask again.
SECTION_TIMEOUT = timedelta(hours=24)
MAX_SECTION_BYTES = 20 * 1024 * 1024
OWN_SERVICE = "users"
OTHER_SERVICES = ["study", "notification"]
SERVICES = [OWN_SERVICE, *OTHER_SERVICES]
