"""Dates of a copy: whole weeks later on the clocks of the cohort's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from study.copies.rules import move, move_after, nearest_days, weeks_between

# With changes of clocks by an hour and by half an hour, at night, at midnight; and without.
ZONES = ["Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "UTC"]
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
WEEKS = st.integers(-300, 300)
INSTANTS = st.integers(1_136_000_000, 2_114_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(DAYS, WEEKS)
def test_weeks_between_is_what_was_added(first: date, weeks: int) -> None:
    assert weeks_between(first, first + timedelta(weeks=weeks)) == weeks


@given(DAYS, DAYS)
def test_another_weekday_has_two_nearest_days(first: date, day: date) -> None:
    before, after = nearest_days(first, day)

    assert weeks_between(first, before) is not None
    assert weeks_between(first, after) is not None
    assert before <= day < after
    assert (weeks_between(first, day) is None) == (before < day)


@given(INSTANTS, WEEKS, st.sampled_from(ZONES))
def test_the_time_of_day_stays(at: datetime, weeks: int, zone: str) -> None:
    local = at.astimezone(ZoneInfo(zone))
    wanted = local.replace(tzinfo=None) + timedelta(weeks=weeks)

    moved = move(at, weeks=weeks, zone=zone).astimezone(ZoneInfo(zone))

    skipped = abs(moved.replace(tzinfo=None) - wanted)
    # Clocks skip an hour at most, and only then does it differ.
    assert skipped <= timedelta(hours=1)
    if skipped:
        exists = wanted.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
        assert exists.replace(tzinfo=None) != wanted


@given(INSTANTS, st.sampled_from(ZONES))
def test_no_weeks_later_is_the_same_instant(at: datetime, zone: str) -> None:
    assert move(at, weeks=0, zone=zone) == at


@given(INSTANTS, st.integers(1, 5_000_000), WEEKS, st.sampled_from(ZONES))
# Opens at 02:50 before clocks go back and is due at 02:10 after that; later they do not on that day.
@example(datetime(2026, 10, 25, 0, 50, tzinfo=UTC), 20 * 60, 50, "Europe/Berlin")
# Opens at 02:30, is due at 03:10 on a day on which clocks do not skip from 2 to 3.
@example(datetime(2026, 3, 22, 1, 30, tzinfo=UTC), 40 * 60, 1, "Europe/Berlin")
def test_what_is_later_stays_later(start: datetime, seconds: int, weeks: int, zone: str) -> None:
    at = start + timedelta(seconds=seconds)
    moved_start = move(start, weeks=weeks, zone=zone)

    assert move_after(at, weeks=weeks, zone=zone, start=start, moved_start=moved_start) > moved_start


def test_a_deadline_over_a_change_of_clocks_stays_at_a_minute_to_midnight() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    summer = datetime(2026, 9, 6, 23, 59, tzinfo=berlin)

    moved = move(summer, weeks=20, zone="Europe/Berlin")

    assert moved == datetime(2027, 1, 24, 23, 59, tzinfo=berlin)
    assert moved - summer.astimezone(UTC) == timedelta(weeks=20, hours=1)


def test_a_time_that_clocks_skip_moves_on() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    at = datetime(2026, 3, 22, 2, 30, tzinfo=berlin)

    moved = move(at, weeks=1, zone="Europe/Berlin").astimezone(berlin)

    assert (moved.hour, moved.minute) == (3, 30)


def test_the_second_of_two_equal_times_moves_on_where_clocks_skip_it() -> None:
    london = ZoneInfo("Europe/London")
    at = datetime(2026, 10, 25, 1, 30, tzinfo=london, fold=1).astimezone(UTC)

    assert move(at, weeks=22, zone="Europe/London") == datetime(2027, 3, 28, 2, 30, tzinfo=london)
    assert move(at, weeks=0, zone="Europe/London") == at
