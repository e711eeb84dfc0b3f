"""Who is reminded, and when, over generated courses of a mission."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.missions.models import Extension
from study.missions.rules.deadlines import effective_deadline, week_deadline, week_opens
from study.reminders.models import Reminder, ReminderKind
from study.reminders.rules import OPENING_PERIOD, WINDOWS, digest_time, next_reminder

HOUR = timedelta(hours=1)
# With changes of clocks in both directions, of an hour and of half an hour, and without any.
ZONES = ["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Europe/Berlin", "Pacific/Apia"]
# The first days of weeks in which clocks change somewhere, and of others.
WEEKS = st.sampled_from([date(2026, 3, 2), date(2026, 3, 23), date(2026, 10, 19), date(2026, 10, 26)])
HOURS = st.integers(0, 240).map(lambda hours: hours * HOUR)


@dataclass
class Course:
    """A mission and a member over ten days: what operators and the member do, and when the job runs."""

    opens_at: datetime
    base: datetime
    # (time, what is set, its value): the base deadline, the part's, the hours of an extension, or whether
    # the member has handed it in.
    changes: list[tuple[datetime, str, object]]
    runs: list[datetime] = field(repr=False)
    zone: str
    sent: list[Reminder] = field(default_factory=list)
    # At each run: the deadline that bound the member, and whether they had handed it in.
    states: dict[datetime, tuple[datetime, bool]] = field(default_factory=dict, repr=False)

    def state(self, at: datetime) -> tuple[datetime, bool]:
        """Return the deadline that binds the member at `at`, and whether they have handed it in."""
        now: dict[str, Any] = {"base": self.base, "part": None, "hours": None, "handed_in": False}
        now |= {name: value for changed_at, name, value in self.changes if changed_at <= at}
        extension = Extension(hours=now["hours"], reason="시험") if now["hours"] else None
        deadline = effective_deadline(base=now["base"], part=now["part"], extension=extension)
        return deadline.at, now["handed_in"]

    def run(self) -> None:
        """Run the job as often as it runs, and record what it sends. A second run at once sends nothing."""
        for at in self.runs:
            self.states[at] = self.state(at)
            if reminder := self.next(at):
                kind, window = reminder
                due_at, _is_handed_in = self.states[at]
                self.sent.append(Reminder(kind=kind, window=window, due_at=due_at, created_at=at))
                assert self.next(at) is None

    def next(self, at: datetime) -> tuple[str, str] | None:
        due_at, is_handed_in = self.states[at]
        return next_reminder(
            opens_at=self.opens_at,
            due_at=due_at,
            is_handed_in=is_handed_in,
            sent=self.sent,
            at=at,
            time_zone=self.zone,
        )

    def window_start(self, due_at: datetime, period: timedelta) -> datetime:
        """Return when the reminder is due: at half past ten in the evening before what would be at night."""
        start = (due_at - period).astimezone(ZoneInfo(self.zone))
        if start.hour in {23, *range(8)}:
            day = start.date() - timedelta(days=start.hour < 8)
            start = datetime(day.year, day.month, day.day, 22, 30, tzinfo=start.tzinfo)
        return start.astimezone(UTC)

    @property
    def published(self) -> list[Reminder]:
        return [row for row in self.sent if row.kind != ReminderKind.KNOWN]


@st.composite
def courses(draw: st.DrawFn) -> Course:
    zone, week = draw(st.sampled_from(ZONES)), draw(WEEKS)
    opens_at, end = week_opens(week, zone), week_deadline(week, zone)
    if draw(st.booleans()):
        # A short one, shorter than a window too.
        end = opens_at + draw(st.integers(1, 60).map(lambda hours: hours * HOUR))
    # A deadline is typed as local time: the offset is the one of its own day.
    local = st.integers(1, 14 * 24).map(
        lambda hours: (
            (datetime.combine(week, datetime.min.time()) + hours * HOUR)
            .replace(tzinfo=ZoneInfo(zone))
            .astimezone(UTC)
        )
    )
    change = st.one_of(
        st.tuples(st.just("base"), local.filter(lambda at: at > opens_at)),
        st.tuples(st.just("part"), st.none() | local),
        st.tuples(st.just("hours"), st.none() | st.integers(1, 72)),
        st.tuples(st.just("handed_in"), st.booleans()),
    )
    changes = sorted(
        ((opens_at + offset, *what) for offset, what in draw(st.lists(st.tuples(HOURS, change), max_size=6))),
        key=lambda row: row[0],
    )
    # The job runs every five minutes, here more seldom, but for the hours in which no worker ran.
    away_from, away_for = draw(HOURS), draw(st.integers(0, 30).map(lambda hours: hours * HOUR))
    step = draw(st.sampled_from([2, 3, 5, 7])) * HOUR
    offsets = [n * step - HOUR / 2 for n in range(12 * 24 // (step // HOUR))]
    runs = [opens_at + at for at in offsets if not away_from <= at < away_from + away_for]
    return Course(opens_at, end, changes, runs, zone)


@pytest.mark.timeout(300)
@settings(max_examples=3000, deadline=None)
@given(courses())
def test_who_owes_is_reminded_of_each_deadline_and_nobody_else(course: Course) -> None:
    course.run()

    # Nobody twice.
    keys = [(row.kind, row.window, row.due_at) for row in course.sent]
    assert len(keys) == len(set(keys))
    for row in course.published:
        due_at, is_handed_in = course.states[row.created_at]
        # Nobody who submitted, nobody before the opening, nobody after the deadline, and each of the deadline
        # that binds them.
        assert not is_handed_in
        assert course.opens_at <= row.created_at < row.due_at == due_at
        if row.kind == ReminderKind.DUE:
            assert row.created_at >= course.window_start(row.due_at, WINDOWS[row.window])
    # One at a time, so the reminder of a day is not sent together with the one of three hours.
    times = [row.created_at for row in course.published]
    assert len(times) == len(set(times))

    # Nobody is missed: a member who owes in a window, when the job runs, was notified of this deadline in it.
    for at in course.runs:
        due_at, is_handed_in = course.states[at]
        if is_handed_in or not course.opens_at <= at < due_at:
            continue
        known = [row for row in course.sent if row.created_at <= at]
        assert known
        # Of this deadline, and of no other since.
        others = [n for n, row in enumerate(known, start=1) if row.due_at != due_at]
        notified = [row for row in known[max(others, default=0) :] if row.kind != ReminderKind.KNOWN]
        for period in WINDOWS.values():
            if at >= (start := course.window_start(due_at, period)):
                assert any(row.created_at >= start for row in notified)
                break
        # A moved deadline is notified, also one that moves back.
        assert known[-1].due_at == due_at


OPENS = datetime(2026, 11, 23, tzinfo=UTC)
DUE = OPENS + timedelta(days=6)


def sent_at(kind: str, at: datetime, due_at: datetime = DUE, window: str = "") -> Reminder:
    return Reminder(kind=kind, window=window, due_at=due_at, created_at=at)


def due(at: datetime, *sent: Reminder, due_at: datetime = DUE) -> tuple[str, str] | None:
    return next_reminder(
        opens_at=OPENS, due_at=due_at, is_handed_in=False, sent=sent, time_zone="Pacific/Honolulu", at=at
    )


@pytest.mark.parametrize(
    ("due_at", "window", "starts"),
    [
        # On Berlin's clock: 23:00, 02:30 and 07:59 are at night, 22:59 and 08:00 are not.
        ("2026-11-28T02:00+01:00", "3h", "2026-11-27T22:30+01:00"),
        ("2026-11-28T05:30+01:00", "3h", "2026-11-27T22:30+01:00"),
        ("2026-11-28T10:59+01:00", "3h", "2026-11-27T22:30+01:00"),
        ("2026-11-28T01:59+01:00", "3h", "2026-11-27T22:59+01:00"),
        ("2026-11-28T11:00+01:00", "3h", "2026-11-28T08:00+01:00"),
        ("2026-11-28T23:59+01:00", "24h", "2026-11-27T22:30+01:00"),
    ],
)
def test_what_would_be_due_at_night_is_due_in_the_evening_before(
    due_at: str, window: str, starts: str
) -> None:
    deadline, start = datetime.fromisoformat(due_at), datetime.fromisoformat(starts)

    def reminder(at: datetime) -> tuple[str, str] | None:
        sent = [sent_at("opened", OPENS, deadline)]
        if window == "3h":
            sent.append(sent_at("due", deadline - 24 * HOUR, deadline, "24h"))
        return next_reminder(
            opens_at=OPENS, due_at=deadline, is_handed_in=False, sent=sent, time_zone="Europe/Berlin", at=at
        )

    assert reminder(start - timedelta(minutes=1)) is None
    assert reminder(start) == ("due", window)


def test_an_extension_silences_and_is_notified_itself() -> None:
    opened, later = sent_at("opened", OPENS), DUE + timedelta(hours=48)

    assert due(DUE - HOUR, opened) == ("due", "3h")
    assert due(DUE - HOUR, opened, due_at=later) == ("moved", "")
    moved = sent_at("moved", DUE - HOUR, later)
    assert due(DUE - HOUR / 2, opened, moved, due_at=later) is None
    assert due(later - 23 * HOUR, opened, moved, due_at=later) == ("due", "24h")


def test_a_moved_deadline_reminds_again() -> None:
    opened, day = sent_at("opened", OPENS), sent_at("due", DUE - 20 * HOUR, window="24h")
    later = DUE + timedelta(days=3)
    moved = sent_at("moved", DUE - 19 * HOUR, later)

    assert due(later - 23 * HOUR, opened, day, moved, due_at=later) == ("due", "24h")
    again = sent_at("due", later - 23 * HOUR, later, "24h")
    assert due(later - 2 * HOUR, opened, day, moved, again, due_at=later) == ("due", "3h")


def test_a_deadline_that_moves_back_is_notified_and_reminded_of_again() -> None:
    later = DUE + timedelta(days=2)
    opened = sent_at("opened", OPENS)
    back = sent_at("moved", DUE - 40 * HOUR)
    away = [opened, sent_at("moved", OPENS + HOUR, later), back, sent_at("moved", DUE - 30 * HOUR, later)]

    assert due(DUE - 20 * HOUR, *away) == ("moved", "2")
    away.append(sent_at("moved", DUE - 20 * HOUR, window="2"))
    assert due(DUE - 10 * HOUR, *away) is None
    assert due(DUE - 2 * HOUR, *away) == ("due", "3h")


def test_an_opening_that_was_postponed_is_notified_again() -> None:
    early = sent_at("opened", OPENS - timedelta(days=7))

    assert due(OPENS, early) == ("opened", "2")
    assert due(OPENS + HOUR, early, sent_at("opened", OPENS, window="2")) is None


@pytest.mark.parametrize(
    ("hours", "expected"), [(25, None), (24, ("due", "24h")), (19, ("due", "24h")), (2, ("due", "3h"))]
)
def test_after_a_pause_only_what_is_useful_is_sent(hours: int, expected: tuple[str, str] | None) -> None:
    assert due(DUE - hours * HOUR, sent_at("opened", OPENS)) == expected


def test_who_is_notified_in_a_window_is_not_reminded_in_it_again() -> None:
    short = OPENS + 10 * HOUR
    opened = sent_at("opened", OPENS, short)

    assert due(OPENS + HOUR, opened, due_at=short) is None
    assert due(OPENS + 8 * HOUR, opened, due_at=short) == ("due", "3h")
    asked = sent_at("asked", OPENS + 7 * HOUR, short)
    assert due(OPENS + 8 * HOUR, opened, asked, due_at=short) is None


def test_an_old_mission_is_known_and_not_announced() -> None:
    at = OPENS + OPENING_PERIOD

    assert due(at) == ("known", "")
    assert due(at + HOUR, sent_at("known", at)) is None
    assert due(DUE - 24 * HOUR, sent_at("known", at)) == ("due", "24h")
    assert due(at + HOUR, sent_at("known", at), due_at=DUE + HOUR) == ("moved", "")


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Asia/Seoul", "2026-12-01T00:00:00Z", "2026-12-01"),
        ("Asia/Seoul", "2026-11-30T23:59:59Z", None),
        # Away for five hours.
        ("Asia/Seoul", "2026-12-01T05:00:00Z", "2026-12-01"),
        ("Asia/Seoul", "2026-12-01T06:00:00Z", None),
        # The clocks change at night: nine comes an hour earlier or later.
        ("Europe/Berlin", "2026-03-28T08:00:00Z", "2026-03-28"),
        ("Europe/Berlin", "2026-03-29T06:59:00Z", None),
        ("Europe/Berlin", "2026-03-29T07:00:00Z", "2026-03-29"),
        ("America/New_York", "2026-11-01T13:59:00Z", None),
        ("America/New_York", "2026-11-01T14:00:00Z", "2026-11-01"),
    ],
)
def test_the_digest_comes_at_nine_in_the_zone(zone: str, at: str, day: str | None) -> None:
    nine = digest_time(zone, datetime.fromisoformat(at))

    assert (nine.date().isoformat() if nine else None) == day


@pytest.mark.timeout(300)
@settings(max_examples=2000, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 730 * 24))
def test_one_digest_each_day_in_every_zone(zone: str, hour: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + hour * HOUR
    runs = [start + n * timedelta(hours=3) for n in range(8 * 3)]

    days = [nine.date() for at in runs if (nine := digest_time(zone, at))]

    # Two whole days at least lie within three times 24 hours, and none is skipped.
    assert 2 <= len(set(days)) <= 4
    assert sorted(set(days)) == [min(days) + timedelta(days=n) for n in range(len(set(days)))]
