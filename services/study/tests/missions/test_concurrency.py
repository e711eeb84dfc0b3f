"""Two operators at once: what one does, the other finds done."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from chassis.testing import NOW
from study.cohorts.models import Part
from study.missions.actions.deadlines import grant_extension
from study.missions.actions.importing import import_missions
from study.missions.actions.missions import AmbiguousMission, create_mission
from study.missions.models import Mission
from tests.conftest import OLGA
from tests.missions.test_actions import ROWS

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
def test_one_of_equal_missions_is_created(club, mission_fields):
    def take() -> str:
        try:
            create_mission(cohort=club.cohort, at=NOW, **mission_fields, by=OLGA)
        except AmbiguousMission:
            return "taken"
        return "set"

    assert both(take) == ["set", "taken", "taken", "taken"]
    assert Mission.objects.get().criteria.count() == 2


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
