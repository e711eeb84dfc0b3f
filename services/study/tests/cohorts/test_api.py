from __future__ import annotations

import pytest

from study.cohorts.models import Cohort
from tests.conftest import ADA, OLGA

BASE = "/api/v1/study/cohorts"
BODY = {"title": "17기", "parts": ["백엔드"], "first_day": "2027-03-08", "weeks": 8}


def test_an_opener_opens_a_cohort_and_reads_it_back(db, api_as):
    api = api_as(OLGA, roles=["cohort_creator"])

    created = api.post(BASE, BODY)

    assert created.status_code == 201, created.json()
    assert created.json()["role"] == "operator"
    assert api.get(f"{BASE}/{created.json()['id']}").json() == created.json()
    assert [row["title"] for row in api.get(BASE).json()["results"]] == ["17기"]


def test_others_are_refused_with_a_stable_code(db, api_as):
    refused = api_as(ADA).post(BASE, BODY)

    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "may_not_open_cohorts"
    assert not Cohort.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "가" * 81),
        ("title", "a\x00b"),
        ("weeks", 0),
        ("weeks", 53),
        ("first_day", "not a day"),
        ("time_zone", "Moon/Sea"),
        ("parts", ["백엔드", "백엔드"]),
        ("parts", ["가" * 41]),
    ],
)
def test_what_is_wrong_is_named(db, api_as, field, value):
    refused = api_as(OLGA, roles=["cohort_creator"]).post(BASE, {**BODY, field: value})

    assert refused.status_code == 400
    assert field in refused.json()["errors"]
    assert not Cohort.objects.exists()


def test_cohorts_come_page_by_page(club, api_as):
    api = api_as(OLGA, roles=["cohort_creator"])
    for _ in range(2):
        api.post(BASE, BODY)

    first = api.get(BASE, {"size": 2}).json()
    second = api.get(BASE, {"size": 2, "cursor": first["next"]}).json()

    assert len(first["results"]) == 2
    assert [row["title"] for row in second["results"]] == ["16기"]
    assert second["next"] is None
    assert api.get(BASE, {"cursor": "nonsense"}).status_code == 400
    assert api.get(BASE, {"size": 1000}).status_code == 400


def test_an_operator_changes_closes_and_reopens(club, api_as):
    api, url = api_as(OLGA), f"{BASE}/{club.cohort.id}"

    changed = api.put(url, {"title": "열여섯", "time_zone": "Europe/Berlin"})

    assert (changed.json()["title"], changed.json()["time_zone"]) == ("열여섯", "Europe/Berlin")
    assert api.post(f"{url}/close").json()["closed_at"]
    assert api.post(f"{url}/reopen").json()["closed_at"] is None


@pytest.mark.parametrize("kind", ["parts", "teams"])
def test_parts_and_teams_are_listed_added_renamed_and_removed(club, api_as, kind):
    api, url = api_as(OLGA), f"{BASE}/{club.cohort.id}/{kind}"

    created = api.post(url, {"name": "새 이름"})
    assert created.status_code == 201
    detail_url = f"{url}/{created.json()['id']}"
    assert api.put(detail_url, {"name": "다른 이름"}).json()["name"] == "다른 이름"
    assert "다른 이름" in [row["name"] for row in api.get(url).json()["results"]]
    assert api.post(url, {"name": "다른 이름"}).json()["code"] == "name_taken"
    assert api.delete(detail_url).status_code == 204
    assert api.delete(detail_url).status_code == 404


def test_weeks_are_listed_added_changed_and_removed(club, api_as):
    api, url = api_as(OLGA), f"{BASE}/{club.cohort.id}/weeks"

    created = api.post(url, {"topic": "마무리"})
    assert (created.status_code, created.json()["number"]) == (201, 9)
    detail_url = f"{url}/{created.json()['id']}"
    assert api.put(detail_url, {"topic": "끝", "starts_on": "2027-01-05"}).json()["topic"] == "끝"
    assert (
        api.put(detail_url, {"topic": "끝", "starts_on": "2026-01-05"}).json()["code"] == "week_out_of_order"
    )
    assert len(api.get(url).json()["results"]) == 9
    assert api.delete(detail_url).status_code == 204


def test_a_part_is_found_only_through_its_own_cohort(club, api_as):
    refused = api_as(OLGA).put(f"{BASE}/{club.other.id}/parts/{club.backend.id}", {"name": "x"})

    assert refused.status_code == 404


def test_a_part_in_use_answers_409(club, api_as):
    refused = api_as(OLGA).delete(f"{BASE}/{club.cohort.id}/parts/{club.backend.id}")

    assert (refused.status_code, refused.json()["code"]) == (409, "part_in_use")
