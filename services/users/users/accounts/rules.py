"""Facts that need no database."""

from __future__ import annotations

import unicodedata
import zoneinfo
from dataclasses import dataclass
from functools import cache

LONGEST_NAME = 60


@dataclass(frozen=True)
class Seen:
    """From where something was done: the client's address, as the gateway gave it, and the browser's name."""

    address: str | None = None
    agent: str = ""


def normal_email(email: str) -> str:
    """The one form in which an address is kept and looked up."""
    return email.strip().lower()


def normal_name(name: str) -> str:
    """A name on one line, composed (NFC), without invisible characters at its ends."""
    return " ".join(unicodedata.normalize("NFC", name).split())


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
