"""Two operators at once: what one does, the other finds done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection

from chassis.testing import NOW
from study.cohorts.models import Part
from study.missions.actions.deadlines import grant_extension
from study.missions.actions.importing import import_missions
from study.missions.models import Mission
from tests.conftest import OLGA
from tests.missions.test_actions import ROWS
from tests.missions.test_api import LEVELS
from tests.missions.test_pages import TYPED

at_once = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets one write at a time")


def both(call: Callable[[], str]) -> list[str]:
    answers: list[str] = []

    def ask() -> None:
        try:
            answers.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


@at_once
@pytest.mark.django_db(transaction=True)
def test_one_of_equal_missions_is_created(club, as_principal):
    """Who came just after the first and found its repository loses a deadlock, and is run again."""
    path = f"/cohorts/{club.cohort.id}/missions/new/"
    typed = TYPED | {"week_id": str(club.weeks[2].id), "part_id": str(club.backend.id)}

    def take() -> str:
        olga = as_principal(OLGA)
        olga.raise_request_exception = False
        answer = olga.post(path, typed | {"idempotency_key": str(uuid4())})
        return f"{answer.status_code} {'marker' in answer.context['form'].errors if answer.context else ''}"

    assert both(take) == ["302 ", "422 True", "422 True", "422 True"]
    assert Mission.objects.get().criteria.count() == 1


@at_once
@pytest.mark.django_db(transaction=True)
def test_one_of_equal_missions_is_created_by_the_api(club, api_as):
    path = f"/api/v1/study/cohorts/{club.cohort.id}/missions"
    body = {
        "title": "투표 API 만들기",
        "week_id": str(club.weeks[2].id),
        "part_id": str(club.backend.id),
        "repository": "club/django-vote",
        "rubric": [{"title": "요구사항", "levels": LEVELS}],
    }

    def take() -> str:
        olga = api_as(OLGA)
        olga.raise_request_exception = False
        answer = olga.post(path, body, headers={"Idempotency-Key": str(uuid4())})
        return f"{answer.status_code} {answer.json().get('code')}"

    assert both(take) == ["201 None", *["409 ambiguous_mission"] * 3]
    assert Mission.objects.count() == 1


@at_once
@pytest.mark.django_db(transaction=True)
def test_a_confirmation_that_is_sent_twice_imports_once(club):
    def confirm() -> str:
        plan = import_missions(cohort=club.cohort, rows=ROWS, first_week=2, parts={}, at=NOW, by=OLGA)
        return f"{len(plan.to_create)} in"

    assert both(confirm) == ["0 in", "0 in", "0 in", "3 in"]
    assert Part.objects.filter(cohort=club.cohort, name="디자인").count() == 1
    assert club.cohort.weeks.count() == 9


@at_once
@pytest.mark.django_db(transaction=True)
def test_one_extension_is_active_however_many_are_granted_at_once(club, vote):
    def grant() -> str:
        grant_extension(
            mission=vote,
            membership_id=club.ada.id,
            hours=24,
            reason="시험",
            granted_by=club.olga.account_id,
            at=NOW,
        )
        return "granted"

    assert both(grant) == ["granted"] * 4
    assert vote.extensions.active().count() == 1
