"""URLs, periodic jobs and migrations of the service."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import resolve

from notification.celery import app


def test_no_migration_is_missing(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


def test_every_periodic_job_is_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    jobs = {job["task"] for job in app.conf.beat_schedule.values()}

    assert jobs
    assert jobs <= set(app.tasks)


def test_the_two_event_tasks_are_known_to_the_worker() -> None:
    app.loader.import_default_modules()
    assert {"consume_event", "acknowledge_event"} <= set(app.tasks)


@pytest.mark.parametrize("path", ["/healthz/live", "/healthz/ready"])
def test_health_endpoints_answer(db: None, path: str) -> None:
    assert Client().get(path).status_code == 200


@pytest.mark.parametrize("path", ["/notifications/", "/notifications/badge/", "/notifications/preferences/"])
def test_the_paths_that_the_header_of_every_page_names_exist(path: str) -> None:
    assert resolve(path).view_name
