"""Whether push and chat are on, what a channel raises, which addresses are public, and how long to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, ip_network

from django.conf import settings

MAX_WAIT = timedelta(days=1)
# Not private to `ipaddress`, in one of the supported versions of Python or in all.
_SPECIAL_NETWORKS = [
    ip_network(network)
    for network in (
        "100.64.0.0/10",  # carrier-grade NAT
        "168.63.129.16/32",  # the platform of Azure, from inside
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "64:ff9b::/96",  # NAT64: contains an IPv4 address, as the next one and 2002::/16
        "64:ff9b:1::/48",
        "2001::/23",  # Teredo, ORCHID
        "2002::/16",  # 6to4
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",  # site-local
    )
]


def is_enabled() -> bool:
    """Return True if there is a FIELD_KEY: addresses of browsers and chats are only stored encrypted."""
    return bool(settings.FIELD_KEY)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return True if a server on the Internet can have this address.

    A mapped IPv4 address counts as itself; other IPv6 addresses that contain one are refused.
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    is_special = address.is_multicast or address.is_reserved or address.is_loopback or address.is_link_local
    return address.is_global and not is_special and not any(address in net for net in _SPECIAL_NETWORKS)


def parse_retry_after(value: str | None, *, at: datetime) -> timedelta | None:
    """Return the wait of a Retry-After header (RFC 9110), at most MAX_WAIT; None if it is invalid."""
    text = (value or "").strip()
    try:
        # Discord gives fractions of seconds.
        wait = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - at
    return min(max(wait, timedelta(seconds=1)), MAX_WAIT)


class TransientDeliveryError(Exception):
    """Sending failed; a later attempt may succeed, not before `wait` has passed."""

    def __init__(self, text: str, *, wait: timedelta = timedelta()) -> None:
        super().__init__(text)
        self.wait = wait


class PermanentDeliveryError(Exception):
    """Sending will never succeed: the server rejected the message or the address."""


class Gone(PermanentDeliveryError):
    """The server says that nothing has this address any more."""


class AddressRefused(PermanentDeliveryError):
    """The URL is not one that this service connects to."""


class SkipDelivery(Exception):
    """There is nothing to send it to, or it is too late."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
