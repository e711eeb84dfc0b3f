from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from study.github.models import Repository
from study.missions.actions.deadlines import grant_extension
from study.missions.actions.missions import create_mission
from study.missions.models import Extension, Mission
from tests.conftest import ADA, OLGA
from tests.missions.conftest import RUBRIC

BASE = "/api/v1/study"
LEVELS = [{"points": 4, "label": "모두 충족"}, {"points": 0, "label": "부족"}]
SHEET = "part,order,title,repository\n백엔드,1,투표,club/vote\n디자인,9,시안,club/draft\n"


@pytest.fixture
def body(club):
    return {
        "title": "투표 API 만들기",
        "week_id": str(club.weeks[2].id),
        "part_id": str(club.backend.id),
        "repository": "https://github.com/Club/django-vote/",
        "rubric": [{"title": "요구사항", "levels": LEVELS}],
    }


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_an_operator_sets_a_mission_and_reads_it_back(club, body, api_as):
    api = api_as(OLGA)

    made = api.post(f"{BASE}/cohorts/{club.cohort.id}/missions", body)

    assert made.status_code == 201, made.json()
    mission = made.json()
    assert mission["repository"] == "club/django-vote"
    assert at(mission["due_at"]) == at("2026-11-29T23:59:00+09:00")
    assert [level["points"] for level in mission["rubric"][0]["levels"]] == [4, 0]
    assert api.get(f"{BASE}/missions/{mission['id']}").json() == mission


def test_a_member_reads_their_own_deadline_as_a_sum(club, vote, api_as):
    grant_extension(
        mission=vote,
        membership_id=club.ada.id,
        hours=24,
        reason="병원 진료",
        granted_by=OLGA,
        at=vote.created_at,
    )
    api = api_as(ADA)

    mission = api.get(f"{BASE}/missions/{vote.id}").json()

    assert at(mission["due"]["at"]) - at(mission["due_at"]) == timedelta(hours=24)
    assert mission["due"]["steps"][1] == {
        "label": "개인 연장",
        "at": None,
        "hours": 24,
        "reason": "병원 진료",
    }
    assert mission["is_mine"]


def test_a_list_goes_on_by_cursor(club, mission_fields, api_as):
    for n in range(3):
        create_mission(
            cohort=club.cohort,
            at=club.cohort.opened_at,
            **mission_fields | {"repository": f"club/m{n}"},
            by=OLGA,
        )
    api, url = api_as(ADA), f"{BASE}/cohorts/{club.cohort.id}/missions"

    first = api.get(url, {"size": 2}).json()
    rest = api.get(url, {"size": 2, "cursor": first["next"]}).json()

    seen = [row["id"] for row in first["results"] + rest["results"]]
    assert (len(seen), len(set(seen)), rest["next"]) == (3, 3, None)
    assert "body" not in first["results"][0]


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        ({"title": ""}, ("invalid", "title")),
        ({"title": "가" * 121}, ("invalid", "title")),
        ({"repository": "gitlab.com/a/b"}, ("invalid", "repository")),
        ({"due_at": "0001-01-01T00:00:00Z"}, ("invalid", "due_at")),
        ({"due_at": "9999-12-31T23:59:59Z"}, ("invalid", "due_at")),
        ({"due_at": "2026-11-01T00:00:00Z"}, ("deadline_before_opening", "due_at")),
        ({"week_id": "00000000-0000-4000-8000-000000000000"}, ("no_such_week", "week_id")),
        ({"part_id": "00000000-0000-4000-8000-000000000000"}, ("no_such_part", "part_id")),
        ({"rubric": [{"title": "a", "levels": LEVELS[:1]}]}, ("invalid", "rubric")),
        ({"rubric": [{"title": "a", "levels": [LEVELS[0], LEVELS[0]]}]}, ("bad_rubric", "rubric")),
    ],
)
def test_what_cannot_be_is_refused_by_field(club, body, api_as, wrong, answer):
    refused = api_as(OLGA).post(f"{BASE}/cohorts/{club.cohort.id}/missions", body | wrong)

    assert refused.status_code == 400
    assert (refused.json()["code"], list(refused.json()["errors"])) == (answer[0], [answer[1]])
    assert not Mission.objects.exists()


def test_a_mission_that_cannot_be_distinguished_is_a_conflict(club, vote, body, api_as):
    refused = api_as(OLGA).post(f"{BASE}/cohorts/{club.cohort.id}/missions", body)

    assert (refused.status_code, refused.json()["code"]) == (409, "ambiguous_mission")


def test_a_change_leaves_what_it_does_not_name(vote, api_as):
    changed = api_as(OLGA).patch(f"{BASE}/missions/{vote.id}", {"title": "새 제목"})

    assert changed.status_code == 200, changed.json()
    vote.refresh_from_db()
    assert (vote.title, vote.repository, vote.body) == (
        "새 제목",
        "club/django-vote",
        "## 목표\n\n투표를 만들어요.",
    )
    assert len(changed.json()["rubric"]) == len(RUBRIC)


def test_a_rubric_is_put_in_place_of_the_old(vote, api_as):
    put = api_as(OLGA).put(
        f"{BASE}/missions/{vote.id}/rubric", {"criteria": [{"title": "하나", "levels": LEVELS}]}
    )

    assert [criterion["title"] for criterion in put.json()["criteria"]] == ["하나"]


def test_extensions_are_granted_listed_and_withdrawn(club, vote, api_as):
    api, url = api_as(OLGA), f"{BASE}/missions/{vote.id}/extensions"

    granted = api.post(url, {"membership_id": str(club.ada.id), "hours": 24, "reason": "병원 진료"})

    assert granted.status_code == 201
    assert granted.json() == api.get(url).json()
    [row] = granted.json()["results"]
    assert (row["name"], row["granted_by"], row["hours"]) == ("Ada", "Olga", 24)
    assert api.delete(f"{url}/{row['id']}").status_code == 204
    assert api.get(url).json() == {"results": [], "next": None}
    assert Extension.objects.get().withdrawn_at is not None


def test_a_reason_is_required(club, vote, api_as):
    refused = api_as(OLGA).post(
        f"{BASE}/missions/{vote.id}/extensions",
        {"membership_id": str(club.ada.id), "hours": 24, "reason": " "},
    )

    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["reason"])


def test_a_part_gets_its_own_deadline_and_gives_it_back(club, everyones, api_as):
    api, url = api_as(OLGA), f"{BASE}/missions/{everyones.id}/part-dues"
    later = "2026-12-02T23:59:00+09:00"

    assert api.put(f"{url}/{club.backend.id}", {"due_at": later}).status_code == 200

    assert at(api.get(url).json()["results"][0]["due_at"]) == at(later)
    assert api.delete(f"{url}/{club.backend.id}").status_code == 204
    assert api.get(url).json()["results"][0]["due_at"] is None
    refused = api.put(f"{url}/{club.backend.id}", {"due_at": "2026-11-29T23:59:00+09:00"})
    assert (refused.status_code, refused.json()["code"]) == (400, "part_deadline_not_later")


def test_a_dry_run_says_everything_and_writes_nothing(club, api_as):
    sheet = SHEET + "백엔드,하나,,없음\n"

    report = api_as(OLGA).post(
        f"{BASE}/cohorts/{club.cohort.id}/missions/import", {"text": sheet, "first_week": 1, "dry_run": True}
    )

    assert report.status_code == 200, report.json()
    data = report.json()
    assert [(fault["line"], fault["column"]) for fault in data["faults"]] == [
        (4, "order"),
        (4, "title"),
        (4, "repository"),
    ]
    assert (data["created"], data["new_parts"], data["new_weeks"]) == (2, ["디자인"], [9])
    assert not Mission.objects.exists()


def test_an_import_does_what_the_dry_run_said(club, api_as):
    api, url = api_as(OLGA), f"{BASE}/cohorts/{club.cohort.id}/missions/import"
    sent = {"text": SHEET, "first_week": 1, "parts": {"디자인": str(club.frontend.id)}}
    data = api.post(url, sent | {"dry_run": True}).json()

    done = api.post(url, sent).json()

    assert done | {"dry_run": True} == data
    assert Mission.objects.get(title="시안").part == club.frontend
    assert api.post(url, sent).json()["skipped"] == 2


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"text": SHEET + "백엔드,하나,,없음\n"}, "bad_sheet"),
        ({"text": ""}, "invalid"),
        ({"text": "a\x00b"}, "invalid"),
        ({"first_week": 9}, "no_such_week"),
        ({"parts": {"디자인": "00000000-0000-4000-8000-000000000000"}}, "no_such_part"),
    ],
)
def test_a_refused_import_writes_nothing(club, api_as, sent, code):
    refused = api_as(OLGA).post(
        f"{BASE}/cohorts/{club.cohort.id}/missions/import", {"text": SHEET, "first_week": 1} | sent
    )

    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert code != "bad_sheet" or refused.json()["title"].startswith("4번째 줄 order: ")
    assert not Mission.objects.exists()


def test_a_mission_may_have_a_repository_for_each_part(club, body, api_as):
    api = api_as(OLGA)
    others = ["https://github.com/club/vote-web", "Club/Vote-iOS"]

    made = api.post(f"{BASE}/cohorts/{club.cohort.id}/missions", body | {"other_repositories": others})
    kept = api.patch(f"{BASE}/missions/{made.json()['id']}", {"title": "투표"})
    fewer = api.patch(f"{BASE}/missions/{made.json()['id']}", {"other_repositories": ["club/vote-web"]})
    wrong = api.patch(
        f"{BASE}/missions/{made.json()['id']}", {"other_repositories": ["club/vote-web", "vote"]}
    )

    assert (
        made.json()["other_repositories"]
        == kept.json()["other_repositories"]
        == ["club/vote-ios", "club/vote-web"]
    )
    assert fewer.json()["other_repositories"] == ["club/vote-web"]
    assert not Repository.objects.filter(name="club/vote-ios").exists()
    assert (wrong.status_code, [*wrong.json()["errors"]]) == (400, ["other_repositories"])
