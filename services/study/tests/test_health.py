"""The health page of periodic jobs, for owners only; 404 for others."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from chassis.jobs.records import record_end, record_start, register
from study.celery import app

PATH = "/cohorts/health/"
JOBS = set(app.conf.beat_schedule)
HTMX = {"HX-Request": "true"}
Browser = Callable[..., Client]


@pytest.mark.django_db
def test_an_owner_sees_which_jobs_do_not_run(as_principal: Browser) -> None:
    now = timezone.now()
    register(JOBS, at=now - timedelta(minutes=4))
    record_start("enqueue_due_exports", at=now)
    record_end("enqueue_due_exports", at=now)

    page = as_principal(uuid4(), roles=["owner"]).get(PATH).content.decode()

    rows = dict(re.findall(r'<th scope="row"><code>(\w+)</code></th>(.*?)</tr>', page, re.DOTALL))
    assert set(rows) == JOBS
    assert "badge success" in rows["enqueue_due_exports"]
    # Once a day: not overdue yet.
    assert "badge neutral" in rows["prune_events"]
    # Once a minute, and not for four.
    assert "badge danger" in rows["match_waiting_pull_requests"]


@pytest.mark.django_db
def test_the_owners_page_in_users_gets_the_part_alone(as_principal: Browser) -> None:
    part = as_principal(uuid4(), roles=["owner"]).get(PATH, headers=HTMX).content.decode()
    assert part.count("<table") == 1
    assert "<html" not in part


@pytest.mark.django_db
def test_for_all_others_there_is_no_such_page(as_principal: Browser) -> None:
    assert as_principal(uuid4(), roles=["cohort_creator"]).get(PATH).status_code == 404
    assert as_principal(uuid4(), roles=[]).get(PATH, headers=HTMX).status_code == 404
    assert as_principal(None).get(PATH).status_code == 307
    assert as_principal(None).get(PATH, headers=HTMX).status_code == 204
