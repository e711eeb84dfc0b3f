"""The preview beside the form of a mission: as members see it, and nothing that was typed is lost."""

from __future__ import annotations

import re

import pytest

from study.missions.models import Mission
from tests.conftest import BORIS, OLGA
from tests.missions.test_pages import TYPED

BODY = "# 목표\n\n**빠르게**, <script>alert(1)</script>"


@pytest.fixture
def typed(club):
    place = {"week_id": str(club.weeks[3].id), "part_id": str(club.frontend.id)}
    return TYPED | place | {"title": "캐시", "body": BODY, "due_at": "2026-12-06T23:59"}


@pytest.fixture
def url(club):
    return f"/cohorts/{club.cohort.id}/missions/new/"


def preview_in(page):
    return re.findall(r'<aside id="preview".*?</aside>', page, re.DOTALL)[0]


def test_without_javascript_the_whole_form_comes_back_with_it(club, as_principal, url, typed):
    answer = as_principal(OLGA).post(url, typed | {"preview": "show"})

    page = answer.content.decode()
    preview = preview_in(page)
    assert answer.status_code == 200
    assert "<h3>목표</h3>" in preview
    assert "<strong>빠르게</strong>" in preview
    assert "<script" not in preview
    assert club.frontend.name in preview
    assert "12.6(일) 23:59" in preview
    assert "preview-asked" in preview
    # What was typed, and no error.
    assert "**빠르게**" in page.split("<textarea", 1)[1]
    assert typed["criteria-0-title"] in page
    assert 'class="error"' not in page
    assert not Mission.objects.filter(title="캐시").exists()


def test_beside_the_form_only_the_preview_is_answered(as_principal, url, typed):
    # The fields that it shows are all that is sent.
    sent = {name: typed[name] for name in ("title", "body", "week_id", "part_id", "due_at")}

    answer = as_principal(OLGA).post(url, sent | {"preview": "live"}, headers={"HX-Request": "true"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.strip() == preview_in(page)
    assert "preview-asked" not in page
    assert "<form" not in page


@pytest.mark.parametrize("due_at", ["", "bald", "9999-99-99T00:00"])
def test_what_is_wrong_or_missing_is_left_out(as_principal, url, typed, due_at):
    wrong = {"due_at": due_at, "week_id": "no week", "part_id": "x", "title": "", "body": ""}

    page = (
        as_principal(OLGA)
        .post(url, typed | wrong | {"preview": "live"}, headers={"HX-Request": "true"})
        .content.decode()
    )

    assert "제목이 아직 없어요" in page
    assert "<time" not in page
    assert "no week" not in page


def test_an_existing_mission_is_shown_as_it_is(club, as_principal, url, typed):
    olga = as_principal(OLGA)
    assert olga.post(url, typed).status_code == 302
    mission = Mission.objects.get(title="캐시")

    page = olga.get(f"/cohorts/{club.cohort.id}/missions/{mission.id}/edit/").content.decode()

    assert "<h3>목표</h3>" in preview_in(page)
    assert "캐시" in preview_in(page)


def test_it_is_for_organizers(as_principal, url, typed):
    answer = as_principal(BORIS).post(url, typed | {"preview": "live"}, headers={"HX-Request": "true"})
    assert answer.status_code == 404
