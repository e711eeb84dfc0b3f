"""Quiet hours: nothing is sent but answers to what the reader did; the inbox has everything at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chassis.testing import NOW
from notification.delivery.actions import schedule_deliveries
from notification.delivery.models import Delivery
from notification.inbox.actions import create_notifications
from notification.inbox.models import Notification
from notification.preferences import actions
from notification.preferences.rules import (
    MAX_QUIET,
    QuietHours,
    time_to_send,
)
from tests.conftest import ADA, BORIS, COHORT, OLGA

SEOUL = ZoneInfo("Asia/Seoul")
NIGHT = QuietHours(time(23), time(8))
# With clock changes forward and back, of half an hour, over midnight, and none.
ZONES = ["Asia/Seoul", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "UTC"]

instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - naive by its contract
quiet_hours = st.builds(
    lambda starts, minutes: QuietHours(
        starts, (datetime.combine(NOW, starts) + timedelta(minutes=minutes)).time()
    ),
    st.times().map(lambda time_of_day: time_of_day.replace(second=0, microsecond=0)),
    st.integers(0, int(MAX_QUIET.total_seconds() // 60)),
)


def is_quiet(instant: datetime, quiet: QuietHours, zone: ZoneInfo) -> bool:
    """Return True if a clock on the reader's wall shows quiet hours."""
    wall = instant.astimezone(zone).time()
    if quiet.starts <= quiet.ends:
        return quiet.starts <= wall < quiet.ends
    return wall >= quiet.starts or wall < quiet.ends


def changes_clock(instant: datetime, zone: ZoneInfo) -> bool:
    """Return True if the clock changes within a day."""
    days = (instant + timedelta(days=days) for days in (-1, 0, 1))
    return len({day.astimezone(zone).utcoffset() for day in days}) > 1


@pytest.mark.timeout(300)
@settings(max_examples=2000, deadline=None)
@given(
    due=instants,
    delay=st.timedeltas(timedelta(), timedelta(hours=30)),
    left=st.none() | st.timedeltas(timedelta(minutes=1), timedelta(hours=30)),
    quiet=quiet_hours,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
@example(NOW, timedelta(), None, NIGHT, SEOUL)
def test_what_is_sent_is_sent_outside_quiet_hours_and_before_the_deadline(
    due: datetime, delay: timedelta, left: timedelta | None, quiet: QuietHours, zone: ZoneInfo
) -> None:
    at = due + delay
    deadline = None if left is None else at + left

    sends_at = time_to_send(due, at=at, quiet=quiet, zone=zone, deadline=deadline)

    around = quiet.around(at, zone)
    if around is None:
        assert sends_at == due
    elif sends_at is None:
        assert deadline is not None
        assert deadline <= around[1]
    else:
        assert sends_at == around[1] > at
        assert quiet.around(sends_at, zone) is None
        assert deadline is None or sends_at < deadline
    if not changes_clock(at, zone):
        assert (around is not None) == is_quiet(at, quiet, zone)
        assert sends_at is None or sends_at <= at or not is_quiet(sends_at, quiet, zone)


@pytest.mark.parametrize(
    ("due", "at", "deadline", "expected"),
    [
        ("2026-11-25 02:00", "2026-11-25 02:00", None, "2026-11-25 08:00"),
        # At 08:00 if that is before the deadline.
        ("2026-11-25 02:00", "2026-11-25 02:00", "2026-11-25 08:01", "2026-11-25 08:00"),
        ("2026-11-25 02:00", "2026-11-25 02:00", "2026-11-25 08:00", None),
        # Due before, but it comes at night.
        ("2026-11-24 22:00", "2026-11-25 01:00", None, "2026-11-25 08:00"),
        ("2026-11-24 22:59", "2026-11-24 22:59", None, "2026-11-24 22:59"),
        ("2026-11-25 08:00", "2026-11-25 08:00", None, "2026-11-25 08:00"),
    ],
)
def test_examples_in_seoul(due: str, at: str, deadline: str | None, expected: str | None) -> None:
    def seoul(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text).replace(tzinfo=SEOUL) if text else None

    sends_at = time_to_send(
        seoul(due) or NOW, at=seoul(at) or NOW, quiet=NIGHT, zone=SEOUL, deadline=seoul(deadline)
    )

    assert sends_at == seoul(expected)


def notify(
    recipients: list[Any],
    at: datetime,
    *,
    kind: str = "announcement",
    about_id: Any = None,
    expires_at: datetime | None = None,
) -> None:
    notifications = create_notifications(
        kind=kind,
        key=f"{at}",
        recipients=recipients,
        url="/",
        context={"expires_at": expires_at.isoformat()} if expires_at else {},
        occurred_at=at,
        cohort_id=COHORT,
        about_id=about_id,
    )
    schedule_deliveries(notifications=notifications, send_at=at, at=at)


def sent_at(account_id: Any) -> datetime | None:
    return Delivery.objects.get(notification__account_id=account_id).next_attempt_at


@pytest.fixture
def night(settings: Any, mirror_rows: None) -> datetime:
    """02:00 in Seoul, 12:00 in New York."""
    settings.QUIET_HOURS = (time(23), time(8))
    return datetime(2026, 11, 25, 2, tzinfo=SEOUL)


def test_each_reader_has_the_hours_of_their_own_zone(night: datetime) -> None:
    notify([ADA, BORIS], night)

    assert sent_at(ADA) == datetime(2026, 11, 25, 8, tzinfo=SEOUL)
    assert sent_at(BORIS) == night
    # The inbox has it at once.
    assert Notification.objects.filter(occurred_at=night).count() == 2


def test_an_answer_to_what_the_reader_did_comes_at_once(night: datetime) -> None:
    actions.update_preferences(account_id=ADA, choices={("joined", "email"): True})
    actions.update_preferences(account_id=OLGA, choices={("joined", "email"): True})

    notify([ADA, OLGA], night, kind="joined", about_id=ADA)

    assert sent_at(ADA) == night
    assert sent_at(OLGA) == datetime(2026, 11, 25, 8, tzinfo=SEOUL)


def test_after_the_deadline_only_the_inbox_has_it(night: datetime) -> None:
    notify([ADA], night, expires_at=night + timedelta(hours=3))

    delivery = Delivery.objects.get()
    assert (delivery.next_attempt_at, delivery.skipped) == (None, "quiet")
    assert Notification.objects.count() == 1


def test_ones_own_hours_replace_those_of_the_installation(night: datetime) -> None:
    actions.update_quiet_hours(account_id=ADA, starts=time(1), ends=time(3, 30))
    actions.update_quiet_hours(account_id=OLGA, starts=time(0), ends=time(0))

    notify([ADA, OLGA], night)

    assert sent_at(ADA) == datetime(2026, 11, 25, 3, 30, tzinfo=SEOUL)
    assert sent_at(OLGA) == night


def test_a_reader_changes_the_hours_on_the_settings_page(
    night: datetime, as_principal: Callable[..., Any]
) -> None:
    ada = as_principal(ADA)
    assert 'value="23:00"' in ada.get("/notifications/preferences/").content.decode()

    answer = ada.post("/notifications/preferences/quiet-hours/", {"starts": "22:15", "ends": "06:45"})

    assert answer.status_code == 302
    assert 'value="22:15"' in ada.get("/notifications/preferences/").content.decode()


@pytest.mark.parametrize(
    ("starts", "ends"), [("", "06:00"), ("25:00", "06:00"), ("08:00", "07:00"), ("now", "06:00")]
)
def test_hours_that_make_no_sense_are_refused_and_stay_in_the_form(
    night: datetime, as_principal: Callable[..., Any], starts: str, ends: str
) -> None:
    answer = as_principal(ADA).post(
        "/notifications/preferences/quiet-hours/", {"starts": starts, "ends": ends}
    )

    assert answer.status_code == 422
    assert f'value="{ends}"' in answer.content.decode()


def test_the_api_reads_and_changes_them(night: datetime, api_as: Callable[..., Any]) -> None:
    path = "/api/v1/notification/quiet-hours"
    assert api_as(ADA).get(path).json() == {"starts": "23:00", "ends": "08:00"}

    answer = api_as(ADA).put(path, {"starts": "22:00", "ends": "07:00"}, format="json")

    assert answer.json() == {"starts": "22:00", "ends": "07:00"}
    refused = api_as(ADA).put(path, {"starts": "08:00", "ends": "07:00"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "quiet_hours_too_long")
