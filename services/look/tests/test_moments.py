"""Dates and times on pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from chassis.testing import NOW
from look.templatetags import tags
from tests.gallery import DUE
from tests.test_look import render_source


@pytest.mark.parametrize(
    ("language", "style", "text"),
    [
        ("ko", "full", "11.25(수) 23:59"),
        ("en", "full", "Wed 25 Nov, 23:59"),
        ("ko", "date", "11.25(수)"),
        ("en", "date", "Wed 25 Nov"),
        ("ko", "time", "23:59"),
        ("ko", "weekday", "수요일"),
        ("en", "weekday", "Wednesday"),
        ("ko", "year", "2026.11.25(수) 23:59"),
        ("en", "year", "Wed 25 Nov 2026, 23:59"),
        ("en", "year-date", "Wed 25 Nov 2026"),
    ],
)
def test_a_moment_is_said_in_the_reader_s_language(language, style, text):
    with translation.override(language):
        assert tags.moment(DUE, style) == f'<time datetime="2026-11-25T23:59+09:00">{text}</time>'


def test_a_moment_is_said_in_the_reader_s_zone():
    with timezone.override(ZoneInfo("America/New_York")):
        assert tags.moment(DUE) == '<time datetime="2026-11-25T09:59-05:00">11.25(수) 09:59</time>'


@pytest.mark.parametrize(
    ("reader", "style", "text"),
    [
        ("America/New_York", "full", "11.25(수) 09:59 EST"),
        ("Asia/Kolkata", "time", "20:29 IST"),
        ("Asia/Almaty", "full", "11.25(수) 19:59 UTC+05:00"),
        ("America/New_York", "date", "11.25(수)"),
        ("Asia/Tokyo", "full", "11.25(수) 23:59"),
    ],
)
def test_a_time_names_its_zone_where_the_cohort_has_another_clock(reader, style, text):
    class Cohort:
        time_zone = "Asia/Seoul"

    with timezone.override(reader):
        shown = render_source("{% moment at style %}", at=DUE, style=style, cohort=Cohort())
        assert f">{text}<" in shown
        assert "EST" not in render_source("{% moment at style %}", at=DUE, style=style)


def test_a_day_has_no_hour_and_no_moment_is_nothing():
    assert tags.moment(date(2026, 3, 2), "date") == '<time datetime="2026-03-02">3.2(월)</time>'
    assert tags.moment(None) == ""


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (23, "어제"),
        (24, "오늘"),
        (25, "내일"),
        (27, "금요일"),
        (30, "월요일"),
        (18, "수요일"),
        (17, "11.17(화)"),
    ],
)
def test_a_near_day_is_called_by_its_name(day, text):
    at = datetime(2026, 11, day, 14, 59, tzinfo=UTC)
    assert f">{text}<" in tags.moment(at, "day", now=NOW)


def test_today_ends_at_the_reader_s_midnight_and_not_at_greenwich_s():
    late = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # 00:00 on the 25th in Seoul
    assert ">내일<" in tags.moment(late, "day", now=NOW)
    with translation.override("en"), timezone.override("UTC"):
        assert ">Today<" in tags.moment(late, "day", now=NOW)
