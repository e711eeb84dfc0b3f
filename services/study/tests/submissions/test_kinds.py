"""Which kinds of submissions a mission accepts: its form, its API, and what its submissions need."""

from __future__ import annotations

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.missions.models import Mission
from study.submissions.rules.files import sniff_type
from tests.conftest import ADA, OLGA, mission_page
from tests.github.payloads import pull_request
from tests.missions.test_pages import TYPED
from tests.submissions.test_works import PDF, make_plan, send, text_of


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def typed(club):
    return TYPED | {"week_id": str(club.weeks[2].id), "part_id": str(club.backend.id)}


def test_a_mission_of_texts_has_no_repository_and_its_form_comes_back_as_it_was(club, typed, as_principal):
    olga, path = as_principal(OLGA), f"/cohorts/{club.cohort.id}/missions/new/"
    texts = typed | {"accepts": ["text", "link"], "repository": "", "marker": "1주차"}

    # A press that adds a criterion keeps what was ticked.
    again = text_of(olga.post(path, texts | {"rubric": "add"}))
    assert again.count('name="accepts"') == 4
    assert again.count(" checked") == 2
    refused = olga.post(path, texts | {"completed_by": "either"})
    assert refused.status_code == 422
    assert "PR만 승인하고" in text_of(refused)
    olga.post(path, texts)

    mission = Mission.objects.get()
    assert (mission.accepts, mission.github_repository, mission.marker) == (["text", "link"], None, "")
    edit = text_of(olga.get(f"{mission_page(mission)}edit/"))
    assert edit.count(" checked") == 2
    shown = text_of(as_principal(ADA).get(mission_page(mission)))
    assert "제출 방식: 글, 링크" in shown
    assert "포크" not in shown
    week = text_of(as_principal(ADA).get(f"/cohorts/{club.cohort.id}/week/"))
    assert "미션 페이지에서 제출해 주세요" in week


def test_a_mission_of_pull_requests_needs_a_repository(club, typed, as_principal):
    answer = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/missions/new/", typed | {"repository": ""})

    assert answer.status_code == 422
    assert "저장소를 입력해 주세요" in text_of(answer)


def test_a_mission_with_submissions_keeps_what_they_need(club, ingest, api_as):
    both = make_plan(club, accepts=["pull_request", "text"], repository="ceos-developers/django-vote-15th")
    path = f"/api/v1/study/missions/{both.id}"
    send(club, both, text="글")
    olga = api_as(OLGA)

    assert olga.delete(path).json()["code"] == "mission_in_use"
    assert olga.patch(path, {"part_id": str(club.frontend.id)}).json()["code"] == "already_submitted"
    approval = {"accepts": ["pull_request"], "completed_by": "approval"}
    assert olga.patch(path, approval).json()["code"] == "github_cannot_complete"
    assert olga.patch(path, {"accepts": ["pull_request"], "completed_by": "either"}).status_code == 200

    ingest("pull_request", pull_request())
    assert olga.patch(path, {"accepts": ["text"], "completed_by": "review"}).json()["code"] == "kind_in_use"
    assert olga.get(path).json()["accepts"] == ["pull_request"]


def test_a_mission_can_stop_accepting_pull_requests_and_accept_them_again(club, api_as):
    plan = make_plan(club, accepts=["pull_request", "text"], repository="club/plans")
    path, olga = f"/api/v1/study/missions/{plan.id}", api_as(OLGA)

    assert olga.patch(path, {"accepts": ["text"]}).json()["repository"] == ""
    assert olga.patch(path, {"accepts": ["pull_request"]}).json()["code"] == "no_repository"
    again = olga.patch(path, {"accepts": ["pull_request"], "repository": "Club/Plans"})
    assert again.json()["repository"] == "club/plans"


def test_a_type_is_by_the_content():
    assert sniff_type(PDF) == "application/pdf"
    assert sniff_type(b"PK\x03\x04 a document") == "application/zip"
    assert sniff_type("<svg>그림</svg>".encode()) == "text/plain"
    assert sniff_type("글의 앞부분".encode()[:-1]) == "text/plain"
    assert sniff_type(b"a\0b") == "application/octet-stream"
    assert sniff_type("깨짐".encode("cp949")) == "application/octet-stream"
