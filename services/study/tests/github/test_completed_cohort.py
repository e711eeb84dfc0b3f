"""A club that reviews on GitHub: three members, three missions of one repository, and nothing waits here."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW
from study.cohorts.models import Membership
from study.missions.models import CompletedBy, Mission
from study.reviews.models import Review
from tests.conftest import BORIS, OLGA
from tests.github.payloads import (
    CAROL,
    isoformat,
    make_mission,
    merged,
    minutes,
    person,
    pull_request,
    push,
    review,
)

pytestmark = pytest.mark.django_db

API = "/api/v1/study"
WEEK = timedelta(days=7)
MEMBERS = {601: "minji", 602: "junho", 603: "sora"}


@pytest.fixture
def shared(club: Any) -> list[Mission]:
    """Three missions of one repository that GitHub completes, and three members who link their accounts."""
    for github_id, login in MEMBERS.items():
        account_id = uuid4()
        AccountMirror.objects.create(
            account_id=account_id, name=login, github_id=github_id, github_login=login, version=1
        )
        Membership.objects.create(
            cohort=club.cohort, account_id=account_id, role="member", part=club.backend, joined_at=NOW
        )
    Membership.objects.filter(id=club.ada.id).delete()
    return [
        make_mission(
            club,
            title=f"{number}주차 미션",
            marker=f"{number}주차",
            week=club.weeks[number - 1],
            opens_at=NOW - (4 - number) * WEEK,
            due_at=NOW - (3 - number) * WEEK + timedelta(days=1),
            completed_by=CompletedBy.APPROVAL,
        )
        for number in (1, 2, 3)
    ]


def life_of(github_id: int, login: str, week: int) -> list[dict[str, Any]]:
    """Opened, pushed, asked for changes, fixed, approved, and merged, in that order, or some of it."""
    number = github_id * 10 + week
    first, second = (f"{number:04}{step}" * 8 for step in "ab")
    mine: dict[str, Any] = {
        "number": number,
        "title": f"[{week}주차] {login} 제출합니다",
        "user": person(github_id, login),
        "created_at": isoformat(minutes(-10)),
    }
    steps = [
        pull_request(at=-10, sha=first, **mine),
        review("changes_requested", at=-9, sha=first, review_id=number * 10, **mine),
        push(first, second, at=-8, **mine),
        review("approved", at=-7, sha=second, review_id=number * 10 + 1, **mine),
        merged(at=-6, sha=second, by=person(github_id, login), **mine),
    ]
    if week == 2:
        # Merged by somebody with write access, without a review.
        return [steps[0], steps[2], merged(at=-6, sha=second, by=CAROL, **mine)]
    return steps[:4] if week == 3 else steps


ORDERS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "as it happened": list,
    "backwards": lambda deliveries: deliveries[::-1],
    "shuffled": lambda deliveries: random.Random(1).sample(deliveries, len(deliveries)),
    "shuffled again": lambda deliveries: random.Random(2).sample(deliveries, len(deliveries)),
    "doubled": lambda deliveries: deliveries + deliveries[::-1],
}


@pytest.mark.parametrize("order", ORDERS)
def test_a_cohort_that_github_completes_has_no_queue_and_every_week_is_green(
    shared, deliver_all, club, api_as, as_principal, order
):
    # The repository is known by its id, as from the first delivery on.
    deliver_all(pull_request(at=-20, number=1, user=person(7, "a-bot", "Bot")))
    lives = [life_of(*member, week) for member in MEMBERS.items() for week in (1, 2, 3)]

    deliver_all(*ORDERS[order]([delivery for life in lives for delivery in life]))

    cohort = f"/cohorts/{club.cohort.id}"
    rows = api_as(OLGA).get(f"{API}{cohort}/submissions").json()["results"]
    completions = {1: "approval", 2: "merge", 3: "approval"}
    assert {row["number"]: (row["state"], row["completion"]) for row in rows} == {
        github_id * 10 + week: ("completed", completions[week]) for github_id in MEMBERS for week in (1, 2, 3)
    }
    assert api_as(BORIS).get(f"{API}/reviews").json()["results"] == []
    reviewers = api_as(OLGA).get(f"{API}{cohort}/reviewers").json()["results"]
    assert {reviewer["waiting"] for reviewer in reviewers} == {0}
    assert not Review.objects.exists()
    nothing = "대기 중인 제출이 없어요"
    assert nothing in as_principal(BORIS).get("/reviews/").content.decode()
    assert nothing in as_principal(OLGA).get(f"{cohort}/reviewers/").content.decode()
    overview = as_principal(OLGA).get(f"{cohort}/").content.decode()
    assert '<span class="figure"><b>0</b></span>' in overview
    cells = re.findall(r'<td class="(done|late|waits|open|problem)', overview)
    assert len(cells) == 9
    assert set(cells) <= {"done", "late"}
    minji = Membership.objects.get(account_id=AccountMirror.objects.get(name="minji").account_id)
    week = as_principal(minji.account_id).get(f"{cohort}/week/").content.decode()
    assert "할 일이 없어요" in week
    assert week.count('<li class="success"') == 3
    assert "h-waiting" not in week
