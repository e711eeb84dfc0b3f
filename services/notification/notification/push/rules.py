"""What a browser gives when it subscribes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Subscription:
    """Where to send to, and the keys to encrypt with."""

    endpoint: str
    p256dh: str
    auth: str
