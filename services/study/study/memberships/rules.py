"""Pure functions of memberships."""

from __future__ import annotations

import hashlib


def hash_key(key: str) -> str:
    """Return the SHA-256 of the key in a mailed link, under which study keeps it. Users computes it too."""
    return hashlib.sha256(key.encode()).hexdigest()
