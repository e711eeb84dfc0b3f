"""How long a copy is worth, and who takes part."""

from __future__ import annotations

from datetime import timedelta

KEPT_FOR = timedelta(days=7)
# Whoever has had no answer for so long may ask again.
WAITED_FOR = timedelta(hours=24)
LARGEST_PART = 20 * 1024 * 1024
OWN = "users"
OTHERS = ["study", "notification"]
SERVICES = [OWN, *OTHERS]
