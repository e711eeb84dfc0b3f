"""What is recorded of periodic jobs, and when one is overdue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from celery.schedules import crontab

from chassis.celery_app import create_app
from chassis.jobs import records
from chassis.scheduler import interval_of
from chassis.testing import NOW

DAY = timedelta(days=1)


def status(at):
    return next(found for found in records.job_statuses(at=at) if found.record.name == "prune_events")


@pytest.mark.django_db
def test_a_job_is_overdue_once_it_has_not_run_for_three_of_its_intervals():
    assert status(NOW).is_overdue, "Nobody has ever scheduled it."
    records.register(["prune_events"], at=NOW)
    assert not status(NOW + 3 * DAY).is_overdue
    assert status(NOW + 4 * DAY).is_overdue

    records.record_start("prune_events", at=NOW + 4 * DAY)
    assert status(NOW + 4 * DAY).is_overdue, "It has started, and not ended."
    records.record_end("prune_events", at=NOW + 4 * DAY)
    assert (status(NOW + 7 * DAY).is_overdue, status(NOW + 7 * DAY).record.error) == (False, "")
    assert status(NOW + 8 * DAY).is_overdue


@pytest.mark.django_db
def test_a_run_that_failed_leaves_its_error_until_one_ends_well():
    records.record_start("prune_events", at=NOW)
    records.record_end("prune_events", at=NOW, error="ValueError: no")
    failed = status(NOW).record
    assert (failed.error, failed.succeeded_at) == ("ValueError: no", None)
    records.record_end("prune_events", at=NOW + DAY)
    well = status(NOW + DAY)
    assert (well.record.error, well.record.succeeded_at, well.is_overdue) == ("", NOW + DAY, False)


@pytest.mark.parametrize(
    ("when", "interval"),
    [
        (60.0, timedelta(minutes=1)),
        (crontab(hour=19, minute=0), DAY),
        (crontab(hour="1,13", minute="0,30"), timedelta(hours=6)),
    ],
)
def test_the_interval_of_a_schedule(when, interval):
    assert interval_of(when) == interval


def test_a_scale_shortens_what_is_long_and_nothing_below_five_seconds(settings):
    before = current_app._get_current_object()  # type: ignore[attr-defined]
    settings.SCHEDULE_SCALE = 2880
    try:
        app = create_app({"tasks.minutely": 60.0})
        found = {name: entry["schedule"] for name, entry in app.conf.beat_schedule.items()}
    finally:
        before.set_current()
        before.set_default()
    assert (found["prune_events"], found["minutely"]) == (30.0, 5.0)
