"""Deliveries, operators and two workers at once: nobody deadlocks, and GitHub has the newest in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from django.db import connection
from django.utils import timezone

from study.installations.actions.check_runs import set_check_runs
from study.installations.models import CheckRun
from study.installations.tasks import process_check_run_requests, send_check_runs
from study.missions.actions.deadlines import grant_extension
from study.submissions.actions.grading import record_score
from study.submissions.models import Submission
from tests.conftest import OLGA
from tests.github.payloads import pull_request, review

ROUNDS = 12
at_once = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets one write at a time")


def run_at_once(calls: Sequence[Callable[[int], object]]) -> list[str]:
    """Repeat each in a thread of its own; return those that ended without an error."""
    done: list[str] = []

    def repeat(call: Callable[[int], object]) -> None:
        try:
            for n in range(ROUNDS):
                call(n)
            done.append(call.__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=repeat, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(done)


@at_once
@pytest.mark.django_db(transaction=True)
def test_check_runs_are_requested_and_sent_at_once(club, submitted, mission, send):
    def deliver(n: int) -> None:
        assert send("pull_request", pull_request("edited", at=n, title=f"Title {n}")).status_code == 200
        state = "changes_requested" if n % 2 else "approved"
        assert send("pull_request_review", review(state, at=n)).status_code == 200

    def extend(n: int) -> None:
        at = timezone.now()
        grant_extension(
            mission=mission, membership_id=club.ada.id, hours=n + 1, reason="시험", granted_by=OLGA, at=at
        )

    def grade(n: int) -> None:
        record_score(submission=Submission.objects.get(), points=n, max_points=99, at=timezone.now(), by=OLGA)

    def turn_on(_n: int) -> None:
        set_check_runs(cohort=club.cohort, is_on=True)
        process_check_run_requests()

    def work(_n: int) -> None:
        send_check_runs()

    calls = [deliver, deliver, extend, grade, turn_on, turn_on, work, work]
    assert run_at_once(calls) == sorted(call.__name__ for call in calls)

    process_check_run_requests()
    send_check_runs()
    row = CheckRun.objects.get()
    last = submitted.checks[-1][2]
    assert (row.next_attempt_at, row.error) == (None, "")
    assert row.sent is not None
    assert row.sent["output"] == last["output"]
