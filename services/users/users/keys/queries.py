"""The public keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from users.keys.models import SigningKey


def get_jwks(*, at: datetime) -> dict[str, Any]:
    """Return the JWKS (RFC 7517) as of `at`. One statement."""
    keys = SigningKey.objects.published(at).order_by("-signs_from", "id")
    return {"keys": [key.public for key in keys]}
