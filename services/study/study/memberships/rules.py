"""Pure functions of memberships."""

from __future__ import annotations

import hashlib

# Of the text in templates/memberships/consent.html. Another one asks every member again: change it with what
# is collected, why, for how long, or who sees it, and not with the wording.
CONSENT_VERSION = "2026-12-02"


def hash_key(key: str) -> str:
    """Return the SHA-256 of the key in a mailed link, under which study keeps it. Users computes it too."""
    return hashlib.sha256(key.encode()).hexdigest()
