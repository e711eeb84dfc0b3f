"""Pure functions on names, addresses, user agents and time zones."""

from __future__ import annotations

import unicodedata
import zoneinfo
from dataclasses import dataclass
from functools import cache

MAX_NAME_LENGTH = 60


@dataclass(frozen=True)
class ClientInfo:
    """The client of a request: the IP address as set by the gateway, and the user agent."""

    address: str | None = None
    agent: str = ""


def normalise_email(email: str) -> str:
    """Return the form in which an email address is stored and looked up."""
    return email.strip().lower()


def normalise_name(name: str) -> str:
    """Return the name in NFC, with whitespace collapsed and stripped."""
    return " ".join(unicodedata.normalize("NFC", name).split())


# The first match wins: most user agents name several browsers.
_BROWSERS = {
    "KAKAOTALK": "KakaoTalk",
    "Whale/": "Whale",
    "SamsungBrowser/": "Samsung Internet",
    "Edg": "Edge",
    "OPR/": "Opera",
    "CriOS/": "Chrome",
    "FxiOS/": "Firefox",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def device_name(agent: str) -> str:
    """Return a readable name of a user agent, such as "Chrome · Windows"; unknown ones are truncated."""
    browser = next((name for marker, name in _BROWSERS.items() if marker in agent), "")
    system = next((name for marker, name in _SYSTEMS.items() if marker in agent), "")
    return " · ".join(filter(None, [browser, system])) or agent[:60]


# Names of tzdata that only repeat zones of a region.
_REDUNDANT = ("Brazil/", "Canada/", "Chile/", "Etc/", "Mexico/", "SystemV/", "US/")


@cache
def time_zones() -> tuple[str, ...]:
    """Return the selectable time zones: UTC and all region/city zones."""
    zones = {zone for zone in zoneinfo.available_timezones() if "/" in zone}
    return ("UTC", *sorted(zone for zone in zones if not zone.startswith(_REDUNDANT)))
