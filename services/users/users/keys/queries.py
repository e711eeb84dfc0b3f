"""The list of public keys."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from users.keys.models import SigningKey


def published() -> dict[str, Any]:
    """The key list (JWKS, RFC 7517) as of now. One statement."""
    keys = SigningKey.objects.published(timezone.now()).order_by("-signs_from", "id")
    return {"keys": [key.public for key in keys]}
