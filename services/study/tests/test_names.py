"""Names and titles with invisible characters or line breaks are rejected with a field error."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from study.cohorts.models import Cohort, Part, Team
from tests.conftest import OLGA

FORMS = {
    "cohort": ("/cohorts/new/", "title", {"first_day": "2027-01-04", "weeks": "2", "time_zone": "UTC"}),
    "part": ("/cohorts/{cohort}/settings/parts/", "name", {}),
    "team": ("/cohorts/{cohort}/settings/teams/", "name", {}),
    "week": ("/cohorts/{cohort}/settings/weeks/", "topic", {}),
    "announcement": ("/cohorts/{cohort}/announcements/new/", "title", {"body": "text"}),
    "mission": ("/cohorts/{cohort}/missions/new/", "title", {"repository": "club/x"}),
}
REST: dict[str, Any] = {
    "cohort": ("post", "cohorts", "title", {"first_day": "2027-01-04", "weeks": 2}),
    "part": ("post", "cohorts/{cohort}/parts", "name", {}),
    "team": ("post", "cohorts/{cohort}/teams", "name", {}),
    "week": ("post", "cohorts/{cohort}/weeks", "topic", {}),
    "announcement": ("post", "cohorts/{cohort}/announcements", "title", {"body": "text"}),
    "draft": ("post", "cohorts/{cohort}/announcement-drafts", "title", {"body": "text"}),
    "mission": (
        "post",
        "cohorts/{cohort}/missions",
        "title",
        {"week_id": "{week}", "repository": "club/x", "rubric": []},
    ),
}
UNSEEN = ["\u200b\u3164", "\u202etxt", "first\r\nsecond"]


@pytest.mark.parametrize("name", UNSEEN)
@pytest.mark.parametrize("what", FORMS)
def test_a_form_refuses_it(
    what: str, name: str, club: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    path, field, rest = FORMS[what]
    before = [model.objects.count() for model in (Cohort, Part, Team)]

    answer = as_principal(OLGA, roles=["cohort_creator"]).post(
        path.format(cohort=club.cohort.id), {**rest, field: name, "week_id": club.weeks[2].id}
    )

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode() or " aria-invalid=" in answer.content.decode()
    assert [model.objects.count() for model in (Cohort, Part, Team)] == before


@pytest.mark.parametrize("name", UNSEEN)
@pytest.mark.parametrize("what", REST)
def test_rest_refuses_it(what: str, name: str, club: SimpleNamespace, api_as: Callable[..., Any]) -> None:
    method, path, field, rest = REST[what]
    body = {**rest, field: name} | ({"week_id": str(club.weeks[2].id)} if what == "mission" else {})

    answer = getattr(api_as(OLGA, roles=["cohort_creator"]), method)(
        f"/api/v1/study/{path.format(cohort=club.cohort.id)}", body
    )

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize("day", ["9999-12-31", "1999-12-31", "2100-01-01"])
def test_a_day_of_another_century_is_refused(
    day: str, club: SimpleNamespace, api_as: Callable[..., Any], as_principal: Callable[..., Any]
) -> None:
    api = api_as(OLGA, roles=["cohort_creator"])
    week = club.weeks[2].id

    opened = api.post("/api/v1/study/cohorts", {"title": "17기", "first_day": day, "weeks": 2})
    changed = api.put(f"/api/v1/study/cohorts/{club.cohort.id}/weeks/{week}", {"topic": "", "starts_on": day})
    page = as_principal(OLGA).post(
        f"/cohorts/{club.cohort.id}/settings/weeks/{week}/", {"topic": "", "starts_on": day}
    )

    assert (opened.status_code, list(opened.json()["errors"])) == (400, ["first_day"])
    assert (changed.status_code, list(changed.json()["errors"])) == (400, ["starts_on"])
    assert page.status_code == 422
