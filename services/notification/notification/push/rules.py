"""What a browser gives when it subscribes."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Subscription:
    """Where to send to, and the keys to encrypt with."""

    endpoint: str
    p256dh: str
    auth: str


def digest_of(endpoint: str) -> str:
    """Return the digest by which the row of a subscription is found; its endpoint is encrypted."""
    return sha256(endpoint.encode()).hexdigest()
