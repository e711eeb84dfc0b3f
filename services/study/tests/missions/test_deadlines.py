"""By when: the sum that ends in a person's deadline."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.missions.models import Extension
from study.missions.rules.deadlines import (
    display_status,
    effective_deadline,
    seconds_late,
    week_deadline,
    week_opens,
)

SEOUL = ZoneInfo("Asia/Seoul")
BASE = datetime(2026, 11, 17, 23, 59, tzinfo=SEOUL)

timeline_events = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
hours = st.integers(1, 720)


@pytest.mark.parametrize(
    ("part", "extension", "result"),
    [
        (None, None, datetime(2026, 11, 17, 14, 59, tzinfo=UTC)),
        (BASE + timedelta(days=2), None, datetime(2026, 11, 19, 14, 59, tzinfo=UTC)),
        (BASE - timedelta(days=2), None, datetime(2026, 11, 17, 14, 59, tzinfo=UTC)),
        (None, Extension(hours=24, reason="병원 진료"), datetime(2026, 11, 18, 14, 59, tzinfo=UTC)),
        (
            BASE + timedelta(days=2),
            Extension(hours=1, reason="시험"),
            datetime(2026, 11, 19, 15, 59, tzinfo=UTC),
        ),
    ],
    ids=["base", "part later", "part earlier", "extension", "part and extension"],
)
def test_the_later_deadline_counts_and_an_extension_comes_on_top(part, extension, result):
    assert effective_deadline(base=BASE, part=part, extension=extension).at == result


def test_the_sum_names_every_step_and_the_reason():
    deadline = effective_deadline(
        base=BASE, part=BASE + timedelta(days=1), extension=Extension(hours=24, reason="병원 진료")
    )

    assert [(step.at, step.hours, step.reason) for step in deadline.steps] == [
        (BASE, 0, ""),
        (BASE + timedelta(days=1), 0, ""),
        (None, 24, "병원 진료"),
    ]


def test_an_extension_is_hours_that_pass_also_when_the_clocks_change():
    berlin = ZoneInfo("Europe/Berlin")
    eve = datetime(2026, 10, 24, 23, 59, tzinfo=berlin)  # the night in which 03:00 comes twice

    deadline = effective_deadline(base=eve, extension=Extension(hours=24, reason="·"))

    assert deadline.at.astimezone(berlin) == datetime(2026, 10, 25, 22, 59, tzinfo=berlin)


@given(
    base=timeline_events,
    part=st.none() | timeline_events,
    extension=st.none() | hours.map(lambda hours: Extension(hours=hours, reason="·")),
)
def test_nothing_ever_makes_a_deadline_earlier_and_the_steps_add_up(base, part, extension):
    deadline = effective_deadline(base=base, part=part, extension=extension)

    starts = [step.at for step in deadline.steps if step.at]
    assert deadline.at == max(starts) + sum((timedelta(hours=s.hours) for s in deadline.steps), timedelta())
    assert deadline.at >= base


@pytest.mark.parametrize(
    ("after", "late"),
    [
        (timedelta(seconds=-1), 0),
        (timedelta(0), 0),
        (timedelta(microseconds=1), 1),
        (timedelta(seconds=1), 1),
        (timedelta(minutes=1), 60),
    ],
)
def test_the_very_instant_of_the_deadline_is_in_time(after, late):
    assert seconds_late(BASE + after, BASE) == late


@given(received=timeline_events, deadline=timeline_events, offset=st.integers(-12, 14))
def test_lateness_does_not_depend_on_whose_clock_shows_it(received, deadline, offset):
    from datetime import timezone

    there = timezone(timedelta(hours=offset))
    assert seconds_late(received.astimezone(there), deadline) == seconds_late(received, deadline)
    assert (seconds_late(received, deadline) > 0) == (received > deadline)


@pytest.mark.parametrize(
    ("zone", "opens", "deadline"),
    [
        ("Asia/Seoul", datetime(2026, 11, 22, 15, tzinfo=UTC), datetime(2026, 11, 29, 14, 59, tzinfo=UTC)),
        ("UTC", datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 29, 23, 59, tzinfo=UTC)),
        (
            "America/New_York",
            datetime(2026, 11, 23, 5, tzinfo=UTC),
            datetime(2026, 11, 30, 4, 59, tzinfo=UTC),
        ),
        (
            "Pacific/Kiritimati",
            datetime(2026, 11, 22, 10, tzinfo=UTC),
            datetime(2026, 11, 29, 9, 59, tzinfo=UTC),
        ),
    ],
)
def test_a_week_runs_from_its_first_midnight_to_its_seventh_evening_in_the_cohorts_zone(
    zone, opens, deadline
):
    monday = date(2026, 11, 23)
    assert (week_opens(monday, zone), week_deadline(monday, zone)) == (opens, deadline)


def test_a_week_in_which_the_clocks_change_still_ends_at_23_59():
    deadline = week_deadline(date(2026, 10, 19), "Europe/Berlin")  # clocks go back on the 25th, its last day
    assert deadline == datetime(2026, 10, 25, 22, 59, tzinfo=UTC)


def test_a_week_that_begins_in_the_missing_hour_opens_when_that_is_over():
    # On this day the clocks of Santiago went from 23:59:59 to 01:00.
    opens = week_opens(date(2026, 9, 6), "America/Santiago")
    assert opens.astimezone(ZoneInfo("America/Santiago")).hour == 1


OPENS, DUE = BASE - timedelta(days=6), BASE
LATE = DUE + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "received_at", "released", "at", "word"),
    [
        (None, None, False, OPENS, "not_yet"),
        (None, None, False, DUE, "not_yet"),
        (None, None, False, LATE, "missing"),
        ("waiting", DUE, False, DUE, "waiting"),
        ("waiting", LATE, False, LATE, "late"),
        ("approved", LATE, False, LATE, "approved"),
        ("resubmitted", LATE, True, LATE, "released"),
        ("merged", LATE, True, LATE, "merged"),
        ("changes_requested", LATE, True, LATE, "changes_requested"),
    ],
)
def test_a_mission_stands_in_one_word(state, received_at, released, at, word):
    stands = display_status(
        state=state, received_at=received_at, released=released, opens_at=OPENS, due_at=DUE, at=at
    )
    assert stands == word
