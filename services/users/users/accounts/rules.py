"""Facts that need no database."""

from __future__ import annotations

import unicodedata
import zoneinfo
from dataclasses import dataclass
from functools import cache

MAX_NAME_LENGTH = 60


@dataclass(frozen=True)
class ClientInfo:
    """From where something was done: the client's address, as the gateway gave it, and the browser's name."""

    address: str | None = None
    agent: str = ""


def normalise_email(email: str) -> str:
    """The one form in which an address is kept and looked up."""
    return email.strip().lower()


def normalise_name(name: str) -> str:
    """A name on one line, composed (NFC), without invisible characters at its ends."""
    return " ".join(unicodedata.normalize("NFC", name).split())


# The first that is found counts: most browsers claim to be several.
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
    """A browser's name for itself, as people say it: "Chrome · Windows"; an unknown one as it is, cut."""
    browser = next((name for marker, name in _BROWSERS.items() if marker in agent), "")
    system = next((name for marker, name in _SYSTEMS.items() if marker in agent), "")
    return " · ".join(filter(None, [browser, system])) or agent[:60]


@cache
def time_zones() -> tuple[str, ...]:
    """The zones a person may choose: a region and a place, and UTC."""
    regions = {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
    known = (zone for zone in zoneinfo.available_timezones() if zone.partition("/")[0] in regions)
    return ("UTC", *sorted(known))
