"""What an operator sees before a mission is saved: what its pull requests would become."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.testing import NOW
from study.missions.models import Mission
from study.submissions.models import Submission
from tests.conftest import OLGA
from tests.github.payloads import REPOSITORY, isoformat, make_mission, person, pull_request
from tests.missions.test_pages import TYPED, text_of

pytestmark = pytest.mark.django_db
PULLS = f"/repos/{REPOSITORY}/pulls"


def listed(number, at, **changes):
    """A pull request of Ada's as GitHub lists it."""
    found = pull_request(number=number, **changes)["pull_request"]
    return found | {"created_at": isoformat(at), "updated_at": isoformat(at)}


@pytest.fixture
def first(club):
    return make_mission(
        club, title="1주차", opens_at=NOW - timedelta(days=14), due_at=NOW - timedelta(days=8)
    )


@pytest.fixture
def form(club):
    return TYPED | {
        "title": "2주차",
        "week_id": str(club.weeks[2].id),
        "repository": REPOSITORY,
        "opens_at": "2026-11-17 00:00",
        "due_at": "2026-11-30 00:00",
    }


@pytest.fixture
def on_github(fake_github):
    """One of Ada's for each week, a closed one, and a stranger's."""
    opening = NOW - timedelta(days=7)
    fake_github.says(
        PULLS,
        [
            listed(5, opening, user=person(9, "stranger")),
            listed(4, opening, state="closed"),
            listed(3, NOW - timedelta(days=2)),
            listed(2, NOW - timedelta(days=13)),
        ],
    )
    return fake_github


def test_a_mission_is_saved_after_its_pull_requests_were_shown(club, first, form, on_github, as_principal):
    olga, url = as_principal(OLGA), f"/cohorts/{club.cohort.id}/missions/new/"

    shown = olga.post(url, form)

    assert shown.status_code == 200
    text = text_of(shown)
    assert "PR 3개를 찾았어요" in text
    assert "2개는 미션이 배정돼요" in text
    assert "0개는 운영진이 정해야 해요" in text
    assert "1개는 멤버의 GitHub 계정이 아니에요" in text
    assert not Mission.objects.filter(title="2주차").exists()
    assert shown.context["form"]["title"].value() == "2주차"

    changed = olga.post(url, form | {"seen": shown.context["seen"], "marker": "week 2"})
    assert "preview" in changed.context

    saved = olga.post(url, form | {"seen": shown.context["seen"]})
    assert saved.status_code == 302
    assert Mission.objects.filter(title="2주차").exists()


def test_it_counts_what_is_in_doubt_and_not_what_is_decided(club, first, form, fake_github, ingest, api_as):
    ingest("pull_request", pull_request(number=1, user=person(9, "stranger")))
    soon = NOW - timedelta(days=13)
    fake_github.says(PULLS, [listed(7, NOW - timedelta(days=9) + timedelta(hours=1)), listed(6, soon)])
    body = {"title": "2주차", "week_id": form["week_id"], "repository": REPOSITORY}
    url = f"/api/v1/study/cohorts/{club.cohort.id}/missions/preview"

    times = api_as(OLGA).post(
        url, body | {"opens_at": isoformat(NOW - timedelta(days=9)), "due_at": isoformat(NOW)}
    )
    marked = api_as(OLGA).post(
        url,
        body | {"opens_at": isoformat(NOW - timedelta(days=9)), "due_at": isoformat(NOW), "marker": "week 2"},
    )

    assert times.json() == {"found": 3, "assigned": 2, "to_decide": 0, "unknown": 1, "is_complete": True}
    assert marked.json()["assigned"] == 2
    assert not Submission.objects.exists()


def test_without_an_answer_of_github_it_counts_what_was_delivered(
    club, first, form, fake_github, ingest, api_as
):
    ingest("pull_request", pull_request(number=1, user=person(9, "stranger")))
    fake_github.says(PULLS, {}, 500)

    found = api_as(OLGA).post(
        f"/api/v1/study/cohorts/{club.cohort.id}/missions/preview",
        {"title": "2주차", "week_id": form["week_id"], "repository": REPOSITORY},
    )

    assert found.json() == {"found": 1, "assigned": 0, "to_decide": 0, "unknown": 1, "is_complete": False}
