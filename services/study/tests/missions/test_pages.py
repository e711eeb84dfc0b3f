from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from chassis.testing import NOW, assert_constant_queries
from study.cohorts.models import Part, Week
from study.missions.actions.deadlines import grant_extension
from study.missions.actions.missions import create_mission
from study.missions.models import Mission
from study.missions.queries.rubric import rubric_of
from study.reviews.models import Review
from tests.conftest import ADA, BORIS, CLARA, OLGA, mission_page
from tests.missions.conftest import criterion

TYPED = {
    "title": "투표 API 만들기",
    "repository": "https://github.com/Club/django-vote/",
    "opens_at": "",
    "due_at": "",
    "body": "## 목표",
    "criteria-TOTAL_FORMS": "1",
    "criteria-INITIAL_FORMS": "0",
    "criteria-0-title": "요구사항",
    "criteria-0-levels-TOTAL_FORMS": "2",
    "criteria-0-levels-INITIAL_FORMS": "0",
    "criteria-0-levels-0-points": "4",
    "criteria-0-levels-0-label": "모두 충족",
    "criteria-0-levels-1-points": "0",
    "criteria-0-levels-1-label": "부족",
}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def typed(club):
    return TYPED | {"week_id": str(club.weeks[2].id), "part_id": str(club.backend.id)}


def text_of(answer) -> str:
    text: str = answer.content.decode()
    return text


def test_the_form_says_what_completes_the_mission(club, typed, as_principal):
    olga, path = as_principal(OLGA), f"/cohorts/{club.cohort.id}/missions/new/"
    page = text_of(olga.get(path))
    assert "완료 조건" in page
    assert '<option value="review" selected>' in page

    wrong = olga.post(path, typed | {"completed_by": "merge"})
    assert wrong.status_code == 422
    olga.post(path, typed | {"completed_by": "approval"})

    mission = Mission.objects.get()
    assert mission.completed_by == "approval"
    assert "완료 조건: GitHub의 승인이나 병합" in text_of(as_principal(ADA).get(mission_page(mission)))
    assert '<option value="approval" selected>' in text_of(olga.get(f"{mission_page(mission)}edit/"))


def test_the_list_shows_my_deadline(club, vote, everyones, as_principal):
    page = text_of(as_principal(ADA).get(f"/cohorts/{club.cohort.id}/missions/"))

    assert "투표 API 만들기" in page
    assert "11.29(일) 23:59" in page
    assert "제출 전" in page
    assert "/missions/new/" not in page


def test_a_member_begins_with_their_part_and_finds_the_others_by_links(club, mission_fields, as_principal):
    create_mission(
        cohort=club.cohort,
        at=NOW,
        **mission_fields | {"part_id": club.frontend.id, "title": "화면", "repository": "club/screen"},
        by=OLGA,
    )
    ada, url = as_principal(ADA), f"/cohorts/{club.cohort.id}/missions/"

    assert "화면" not in text_of(ada.get(url))
    assert "화면" in text_of(ada.get(url, {"part": "all"}))
    assert "화면" in text_of(ada.get(url, {"part": club.frontend.id}))
    assert ada.get(url, {"part": "not-a-part"}).status_code == 200


def test_an_empty_list_says_what_to_do(club, as_principal):
    url = f"/cohorts/{club.cohort.id}/missions/"

    assert f"{url}import/" in text_of(as_principal(OLGA).get(url))
    member = text_of(as_principal(ADA).get(url))
    assert "아직 미션이 없어요" in member
    assert f"{url}import/" not in member


def more_rows(club, mission_fields) -> None:
    """Parts, weeks, and a mission with a longer rubric than the others."""
    for n in range(3):
        Part.objects.create(cohort=club.cohort, name=f"파트 {n}", position=n + 3)
        Week.objects.create(cohort=club.cohort, number=n + 9, starts_on=date(2027, 1, 4 + 7 * n))
    rubric = [criterion(f"기준 {n}", {1: "예", 0: "아니오"}) for n in range(9)]
    create_mission(
        cohort=club.cohort,
        at=NOW,
        **mission_fields | {"repository": "club/longest", "rubric": rubric},
        by=OLGA,
    )


@pytest.mark.parametrize("path", ["edit", "dues", "new", "detail", "rubric/share", "list"])
def test_a_page_costs_the_same_however_much_it_shows(club, vote, mission_fields, as_principal, path):
    browser = as_principal(OLGA)

    def open_page():
        newest = Mission.objects.latest("github_repository__name")
        cohort_missions = f"/cohorts/{club.cohort.id}/missions/"
        urls = {
            "list": cohort_missions,
            "new": f"{cohort_missions}new/",
            "detail": mission_page(newest),
        }
        assert browser.get(urls.get(path, f"{mission_page(newest)}{path}/")).status_code == 200

    assert_constant_queries(open_page, lambda: more_rows(club, mission_fields))


def test_a_detail_explains_the_deadline_as_a_sum(club, vote, as_principal):
    grant_extension(
        mission=vote, membership_id=club.ada.id, hours=24, reason="병원 진료", granted_by=OLGA, at=NOW
    )
    ada = as_principal(ADA)

    page = text_of(ada.get(mission_page(vote)))
    for shown in ["11.29(일) 23:59", "병원 진료", "+24시간", "11.30(월) 23:59", "<h3>목표</h3>", "모두 충족"]:
        assert shown in page
    assert "https://github.com/club/django-vote" in page
    assert f"{mission_page(vote)}submit/" in page
    assert f"{mission_page(vote)}edit/" not in page


def test_images_of_a_text_may_come_over_https_and_nothing_else_from_elsewhere(vote, as_principal):
    policy = as_principal(ADA).get(mission_page(vote))["Content-Security-Policy"]

    assert "img-src 'self' data: https:" in policy
    assert policy.count("https:") == 1


def test_before_it_opens_a_member_sees_when_and_not_what(club, mission_fields, as_principal):
    week = {"week_id": club.weeks[4].id, "body": "비밀"}
    mission = create_mission(cohort=club.cohort, at=NOW, **mission_fields | week, by=OLGA)

    page = text_of(as_principal(ADA).get(mission_page(mission)))

    assert "12.7(월)" in page
    for hidden in ["비밀", "club/django-vote", "모두 충족", "submit"]:
        assert hidden not in page
    assert "비밀" in text_of(as_principal(OLGA).get(mission_page(mission)))


def test_a_mission_is_set_by_a_form(club, typed, as_principal):
    answer = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/missions/new/", typed)

    mission = Mission.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, mission_page(mission))
    assert (mission.repository, mission.part, mission.week) == (
        "club/django-vote",
        club.backend,
        club.weeks[2],
    )
    assert [level.points for level in rubric_of(mission)[0].levels.all()] == [4, 0]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"repository": "gitlab.com/a/b"}, "repository"),
        ({"week_id": ""}, "week_id"),
        ({"part_id": "00000000-0000-4000-8000-000000000000"}, "part_id"),
        ({"due_at": "2026-11-01T00:00"}, "due_at"),
    ],
)
def test_a_refused_form_keeps_what_was_typed(club, typed, as_principal, wrong, field):
    answer = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/missions/new/", typed | wrong)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "모두 충족" in text_of(answer)
    assert not Mission.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"criteria-0-title": ""}, "criteria-0-title"),
        ({"criteria-0-levels-0-label": ""}, "criteria-0-levels-0-label"),
        ({"criteria-0-levels-0-points": "많이"}, "criteria-0-levels-0-points"),
        ({"criteria-0-levels-0-points": "0"}, "criteria-0-title"),
    ],
)
def test_a_faulty_rubric_is_refused_at_its_field(club, typed, as_principal, wrong, name):
    answer = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/missions/new/", typed | wrong)

    assert answer.status_code == 422
    assert f'href="#id_{name}"' in text_of(answer)
    assert not Mission.objects.exists()


@pytest.mark.parametrize(
    ("button", "criteria"),
    [
        ("add", [("요구사항", 2), ("", 3)]),
        ("add-0", [("요구사항", 3)]),
        ("remove-0-1", [("요구사항", 1)]),
        ("remove-0", []),
        ("up-0", [("요구사항", 2)]),
        ("down-0", [("요구사항", 2)]),
        ("total", [("요구사항", 2)]),
        ("remove-9", [("요구사항", 2)]),
        ("nonsense", [("요구사항", 2)]),
    ],
)
def test_rows_come_and_go_without_a_script_and_keep_what_was_typed(
    club, typed, as_principal, button, criteria
):
    url = f"/cohorts/{club.cohort.id}/missions/new/"
    answer = as_principal(OLGA).post(
        url, typed | {"rubric": button, "title": "", "due_at": "2026-12-01T10:00"}
    )

    assert answer.status_code == 200
    forms = answer.context["form"].rubric.forms
    assert [(form["title"].value(), len(form.levels.forms)) for form in forms] == criteria
    page = text_of(answer)
    assert 'value="2026-12-01T10:00"' in page
    assert "## 목표" in page
    assert " aria-invalid=" not in page
    assert not Mission.objects.exists()


def test_with_htmx_only_the_rubric_comes_back(club, typed, as_principal):
    url = f"/cohorts/{club.cohort.id}/missions/new/"
    page = text_of(as_principal(OLGA).post(url, typed | {"rubric": "add"}, headers={"HX-Request": "true"}))

    assert page.strip().startswith('<section id="rubric"')
    assert "autofocus" in page


def test_a_blank_criterion_is_no_criterion(club, typed, as_principal):
    blank = {"criteria-0-title": " ", "criteria-0-levels-0-label": "", "criteria-0-levels-1-label": ""}

    as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/missions/new/", typed | blank)

    assert rubric_of(Mission.objects.get()) == []


def test_the_next_mission_begins_with_the_newest_rubric(club, vote, as_principal):
    page = text_of(as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/missions/new/"))

    assert "모두 충족</textarea>" in page


def test_a_mission_is_changed(vote, typed, as_principal):
    answer = as_principal(OLGA).post(
        f"{mission_page(vote)}edit/", typed | {"title": "새 제목", "part_id": ""}
    )

    assert answer.status_code == 302
    vote.refresh_from_db()
    assert (vote.title, vote.part) == ("새 제목", None)


def test_the_form_of_a_mission_shows_its_times_in_the_readers_zone(vote, as_principal):
    page = text_of(as_principal(OLGA, zoneinfo="Europe/Berlin").get(f"{mission_page(vote)}edit/"))

    assert 'value="2026-11-29T15:59"' in page


def test_a_rubric_that_a_review_uses_is_shown_and_stays(vote, typed, handed_in, as_principal):
    submission = handed_in()
    Review.objects.create(
        submission=submission,
        attempt=submission.attempts.get(),
        mentor_id=BORIS,
        version=1,
        created_at=NOW,
        saved_at=NOW,
    )
    olga = as_principal(OLGA)
    page = text_of(olga.get(f"{mission_page(vote)}edit/"))
    assert 'name="criteria-0-title"' not in page
    assert "모두 충족" in page
    without = {name: value for name, value in typed.items() if not name.startswith("criteria-")}

    olga.post(f"{mission_page(vote)}edit/", without | {"title": "새 제목"})

    vote.refresh_from_db()
    assert vote.title == "새 제목"
    assert vote.criteria.count() == 2


def test_deleting_asks_first(club, vote, as_principal):
    olga, url = as_principal(OLGA), f"{mission_page(vote)}delete/"

    assert "투표 API 만들기" in text_of(olga.get(url))
    assert Mission.objects.exists()
    assert olga.post(url)["Location"] == f"/cohorts/{club.cohort.id}/missions/"
    assert not Mission.objects.exists()


def test_deleting_what_has_been_handed_in_is_refused_in_words(vote, handed_in, as_principal):
    handed_in()

    answer = as_principal(OLGA).post(f"{mission_page(vote)}delete/")

    assert answer.status_code == 409
    assert "삭제할 수 없" in text_of(answer)


def test_only_operators_reach_what_changes_a_mission(club, vote, everyones, as_principal):
    extension = grant_extension(
        mission=vote, membership_id=club.ada.id, hours=1, reason="시험", granted_by=OLGA, at=NOW
    )
    run = mission_page(vote).rstrip("/")
    doors = [
        ("get", f"/cohorts/{club.cohort.id}/missions/new/"),
        ("get", f"/cohorts/{club.cohort.id}/missions/import/"),
        ("post", f"/cohorts/{club.cohort.id}/missions/import/"),
        *(("get", f"{run}/{page}/") for page in ("edit", "delete", "dues")),
        *(("post", f"{run}/{page}/") for page in ("edit", "delete", "dues/parts", "dues/extensions")),
        ("post", f"{run}/dues/parts/{club.backend.id}/clear/"),
        ("post", f"{run}/dues/extensions/{extension.id}/withdraw/"),
    ]
    for method, url in doors:
        for account_id in (ADA, BORIS, CLARA):
            assert getattr(as_principal(account_id), method)(url).status_code == 404, (method, url)
        assert getattr(as_principal(None), method)(url).status_code == 307
    assert as_principal(CLARA).get(f"{run}/").status_code == 404
    assert Mission.objects.count() == 2
    assert vote.extensions.get().withdrawn_at is None
    assert vote.opens_at + timedelta(days=6) < vote.due_at


def test_a_level_that_was_left_empty_is_no_level(club, typed, as_principal):
    empty = {
        "criteria-0-levels-TOTAL_FORMS": "3",
        "criteria-0-levels-2-points": "",
        "criteria-0-levels-2-label": "",
    }

    answer = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/missions/new/", typed | empty)

    assert answer.status_code == 302
    assert rubric_of(Mission.objects.get())[0].levels.count() == 2


def test_a_new_mission_begins_in_this_week(club, as_principal):
    form = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/missions/new/").context["form"]

    assert form["week_id"].value() == club.weeks[2].id


def test_anothers_mission_bears_no_state_of_mine(club, mission_fields, as_principal):
    other = {"part_id": club.frontend.id, "repository": "club/screen"}
    mission = create_mission(cohort=club.cohort, at=NOW, **mission_fields | other, by=OLGA)
    ada = as_principal(ADA)

    for page in (
        text_of(ada.get(f"/cohorts/{club.cohort.id}/missions/", {"part": "all"})),
        text_of(ada.get(mission_page(mission))),
    ):
        assert "제출 전" not in page
        assert "/submit/" not in page
