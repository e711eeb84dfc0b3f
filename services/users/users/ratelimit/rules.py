"""Limits and their keys."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import timedelta

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Limit:
    """At most `max_attempts` of `action` for `subject` in a window."""

    action: str
    subject: str
    max_attempts: int

    @property
    def key(self) -> str:
        """Return the digest under which attempts are counted."""
        return hashlib.sha256(f"{self.action}\n{self.subject}".encode()).hexdigest()


def network_of(address: str | None) -> str:
    """Return the network that counts as one client: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
