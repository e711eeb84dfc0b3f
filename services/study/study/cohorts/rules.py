"""Days and weeks of a cohort, computed in its time zone, and CSV of its tables. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from study.cohorts.models import Week

WEEK = timedelta(days=7)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@cache
def time_zones() -> tuple[str, ...]:
    """Return the time zones that a cohort may use, sorted by name."""
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
    """Return the local date in the time zone at `at`."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def week_on(weeks: Iterable[Week], day: date) -> Week | None:
    """Return the week that contains the day, or None between weeks."""
    return next((week for week in weeks if week.starts_on <= day < week.starts_on + WEEK), None)


def next_week_on(weeks: Sequence[Week]) -> date | None:
    """Return the first day of the week after the last one; None without weeks."""
    return weeks[-1].starts_on + WEEK if weeks else None


# OWASP's list for CSV injection, also after spaces. Excel in East Asia treats full-width signs alike.
_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")


def write_csv(rows: Iterable[Iterable[str | int | None]]) -> bytes:
    """Return CSV in UTF-8 with a BOM, as Excel needs it. A text like a formula gets an apostrophe."""
    out = io.StringIO()
    csv.writer(out).writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: str | int | None) -> str | int | None:
    if isinstance(cell, str) and cell.lstrip(" \u3000\xa0").startswith(_FORMULA_SIGNS):
        return f"'{cell}"
    return cell
