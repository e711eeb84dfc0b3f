from __future__ import annotations

import re
from datetime import date

import pytest

from chassis.testing import assert_constant_queries
from study.cohorts.models import Cohort, Part, Team, Week
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER

NEW = {
    "title": "17기",
    "time_zone": "Asia/Seoul",
    "parts": "백엔드\n\n 프론트엔드 \n",
    "first_day": "2027-03-08",
    "weeks": "8",
}


@pytest.fixture
def settings_of(club):
    return f"/cohorts/{club.cohort.id}/settings/"


def test_the_list_shows_my_cohorts_and_not_others(club, as_principal):
    page = as_principal(ADA).get("/cohorts/").content.decode()

    assert "16기" in page
    assert "다른 동아리" not in page
    assert "기수 열기" not in page


def test_without_a_cohort_the_list_says_what_to_do(db, as_principal):
    assert "초대 링크를 받으세요" in as_principal(STRANGER).get("/cohorts/").content.decode()
    assert "/cohorts/new/" in as_principal(STRANGER, roles=["owner"]).get("/cohorts/").content.decode()


def test_opening_a_cohort_leads_to_its_first_steps(db, as_principal):
    answer = as_principal(OLGA, roles=["cohort_creator"]).post("/cohorts/new/", NEW)

    cohort = Cohort.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/cohorts/{cohort.id}/")
    assert [part.name for part in cohort.parts.order_by("position")] == ["백엔드", "프론트엔드"]
    assert cohort.weeks.get(number=8).starts_on == date(2027, 4, 26)


@pytest.mark.parametrize(
    ("field", "value"),
    [("parts", "백엔드\n백엔드"), ("parts", "가" * 41), ("weeks", "0"), ("title", " "), ("first_day", "")],
)
def test_a_refused_form_keeps_what_was_typed(db, as_principal, field, value):
    answer = as_principal(OLGA, roles=["cohort_creator"]).post("/cohorts/new/", {**NEW, field: value})

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert "Asia/Seoul" in answer.content.decode()
    assert not Cohort.objects.exists()


def test_who_may_not_create_cohorts_sees_it_before_typing(db, as_principal):
    answer = as_principal(ADA).get("/cohorts/new/")

    assert answer.status_code == 403
    assert "허용한 사람만" in answer.content.decode()


def test_an_operator_renames_the_cohort(club, as_principal, settings_of):
    page = f"{settings_of}name/"
    answer = as_principal(OLGA).post(page, {"title": "열여섯", "time_zone": "Asia/Tokyo"})

    club.cohort.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert (club.cohort.title, club.cohort.time_zone) == ("열여섯", "Asia/Tokyo")


def test_a_refused_name_is_kept_to_be_corrected(club, as_principal, settings_of):
    answer = as_principal(OLGA).post(f"{settings_of}name/", {"title": "열여섯", "time_zone": "Mars/Base"})

    assert answer.status_code == 422
    assert 'value="열여섯"' in answer.content.decode()
    club.cohort.refresh_from_db()
    assert club.cohort.title == "16기"


@pytest.mark.parametrize("name", ["parts", "weeks"])
def test_the_settings_cost_the_same_whatever_they_show(club, as_principal, settings_of, name):
    browser = as_principal(OLGA)

    def add_rows() -> None:
        for n in range(5):
            Part.objects.create(cohort=club.cohort, name=f"파트 {n}", position=n + 3)
            Team.objects.create(cohort=club.cohort, name=f"{n + 2}조")
            Week.objects.create(cohort=club.cohort, number=n + 9, starts_on=date(2027, 1, 4 + n))

    assert_constant_queries(lambda: browser.get(f"{settings_of}{name}/"), add_rows)

    page = browser.get(f"{settings_of}{name}/")
    assert page.status_code == 200
    assert {"parts": "파트 4", "weeks": "13주차"}[name] in page.content.decode()


@pytest.mark.parametrize("account_id", [ADA, BORIS, CLARA, STRANGER])
def test_settings_are_not_there_for_anyone_else(club, as_principal, settings_of, account_id):
    browser = as_principal(account_id)

    pages = ("name/", "parts/", "teams/", "weeks/", "joining/", "end/", "close/")
    for path in (*pages, f"parts/{club.backend.id}/", f"weeks/{club.weeks[0].id}/remove/"):
        assert browser.get(settings_of + path).status_code == 404
    assert browser.post(settings_of + "name/", {"title": "x", "time_zone": "UTC"}).status_code == 404
    assert browser.post(settings_of + "joining/", {"is_on": "1"}).status_code == 404
    assert browser.post(settings_of + "parts/", {"name": "x"}).status_code == 404
    assert browser.post(settings_of + "close/").status_code == 404


@pytest.mark.parametrize("kind", ["parts", "teams"])
def test_a_name_that_is_taken_is_said_at_the_field(club, as_principal, settings_of, kind):
    existing_name = {"parts": "백엔드", "teams": "1조"}[kind]

    answer = as_principal(OLGA).post(f"{settings_of}{kind}/", {"name": existing_name})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"‘{existing_name}’ 이름은 이미 있어요." in page
    assert ' aria-invalid="true"' in page
    # A reload or a language switch requests that URL with GET.
    assert as_principal(OLGA).get(f"{settings_of}{kind}/").status_code == 200


def test_parts_teams_and_weeks_are_changed_on_pages_of_their_own(club, as_principal, settings_of):
    browser = as_principal(OLGA)
    part, team, week = (
        f"{settings_of}parts/{club.backend.id}/",
        f"{settings_of}teams/{club.team.id}/",
        f"{settings_of}weeks/{club.weeks[0].id}/",
    )

    assert "백엔드" in browser.get(part).content.decode()
    assert browser.post(part, {"name": "서버"})["Location"] == f"{settings_of}parts/"
    assert browser.post(part, {"name": "프론트엔드"}).status_code == 422
    assert browser.post(team, {"name": "첫 팀"})["Location"] == f"{settings_of}parts/"
    assert (
        browser.post(week, {"topic": "시작", "starts_on": "2026-11-08"})["Location"] == f"{settings_of}weeks/"
    )
    assert browser.post(week, {"topic": "시작", "starts_on": "2026-11-12"}).status_code == 422
    assert browser.post(f"{settings_of}weeks/", {"topic": "더", "starts_on": "2027-01-04"}).status_code == 302

    club.backend.refresh_from_db()
    club.team.refresh_from_db()
    assert (club.backend.name, club.team.name) == ("서버", "첫 팀")
    assert club.cohort.weeks.get(number=9).topic == "더"


def test_removing_asks_first_and_refuses_politely(club, as_principal, settings_of):
    browser = as_principal(OLGA)
    free, used = (f"{settings_of}parts/{part.id}/remove/" for part in (club.frontend, club.backend))

    assert "제거할까요?" in browser.get(free).content.decode()
    assert club.cohort.parts.count() == 2
    assert browser.post(free)["Location"] == f"{settings_of}parts/"
    refused = browser.post(used)

    assert refused.status_code == 409
    assert "이름을 바꿔" in refused.content.decode()
    assert club.cohort.parts.count() == 1


def test_closing_asks_first_and_can_be_undone(club, as_principal, settings_of):
    browser = as_principal(OLGA)

    assert "종료할까요?" in browser.get(f"{settings_of}close/").content.decode()
    assert browser.post(f"{settings_of}close/")["Location"] == f"{settings_of}end/"
    assert "다시 열기" in browser.get(f"{settings_of}end/").content.decode()
    browser.get(f"{settings_of}reopen/")
    club.cohort.refresh_from_db()
    assert club.cohort.closed_at is not None
    browser.post(f"{settings_of}reopen/")

    club.cohort.refresh_from_db()
    assert club.cohort.closed_at is None


def test_each_page_below_the_settings_leads_back_to_them(club, as_principal, settings_of):
    browser = as_principal(OLGA)
    cohort = settings_of.removesuffix("settings/")
    above = {
        f"{settings_of}parts/{club.backend.id}/": "parts/",
        f"{settings_of}teams/{club.team.id}/": "parts/",
        f"{settings_of}weeks/{club.weeks[0].id}/": "weeks/",
        f"{cohort}hook/": "connections/",
        f"{cohort}hook/app/": "connections/",
    }
    pages = ("name/", "parts/", "teams/", "weeks/", "joining/", "connections/", "end/")
    for page in (*(settings_of + path for path in pages), *above):
        shown = browser.get(page).content.decode()
        crumbs = shown[shown.index('<nav class="crumbs"') : shown.index('<li aria-current="page">')]
        links = re.findall(r'<a href="([^"]+)">', crumbs)
        assert links == [settings_of, *([settings_of + above[page]] if page in above else [])], page


def test_nobody_is_sent_to_sign_in_and_comes_back(club, as_principal, settings_of):
    answer = as_principal(None).post(f"{settings_of}name/", {"title": "x"})

    assert (answer.status_code, answer["Location"]) == (307, f"/accounts/renew?next={settings_of}name/")
