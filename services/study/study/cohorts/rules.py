"""Days and weeks of a cohort, which are decided in its own time zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from study.cohorts.models import Week

WEEK = timedelta(days=7)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@cache
def time_zones() -> tuple[str, ...]:
    """The places that a cohort may keep its clock by, in order of name."""
    regions = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    return tuple(sorted(zone for zone in available_timezones() if zone.startswith(regions) or zone == "UTC"))


def day_in(time_zone: str, at: datetime) -> date:
    """Which day it is there at that instant."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def week_on(weeks: Iterable[Week], day: date) -> Week | None:
    """The week that this day is in: the last that has begun and is not yet over, or None between weeks."""
    return next((week for week in weeks if week.starts_on <= day < week.starts_on + WEEK), None)
