"""Teams of two kinds, with a mentor: a member is in at most one of each."""

from __future__ import annotations

import pytest

from study.cohorts.models import Membership, Team, TeamKind
from tests.conftest import ADA, BORIS, CLARA, OLGA


@pytest.fixture
def teams(club) -> str:
    return f"/cohorts/{club.cohort.id}/settings/teams/"


@pytest.fixture
def study(club) -> Team:
    return Team.objects.create(cohort=club.cohort, name="알고리즘", kind=TeamKind.STUDY)


def member_page(club) -> str:
    return f"/cohorts/{club.cohort.id}/members/{club.ada.id}/"


def test_a_team_has_a_kind_and_a_mentor_on_its_page(club, teams, as_principal):
    olga = as_principal(OLGA)

    olga.post(teams, {"name": "스프링", "kind": "study", "mentor_id": str(BORIS)})

    team = Team.objects.get(name="스프링")
    assert (team.kind, team.mentor_id) == (TeamKind.STUDY, BORIS)
    listed = olga.get(f"/cohorts/{club.cohort.id}/settings/parts/").content.decode()
    assert "스터디 · Boris" in listed
    page = olga.get(f"{teams}{team.id}/").content.decode()
    assert f'<option value="{BORIS}" selected>' in page
    assert 'value="study" selected' in page


@pytest.mark.parametrize("who", [ADA, CLARA])
def test_only_a_reviewer_of_the_cohort_is_a_mentor_of_a_team(club, teams, as_principal, api_as, who):
    body = {"name": "스프링", "kind": "study", "mentor_id": str(who)}

    refused = as_principal(OLGA).post(teams, body)
    by_api = api_as(OLGA).post(f"/api/v1/study/cohorts/{club.cohort.id}/teams", body, format="json")

    assert refused.status_code == 422
    assert 'value="스프링"' in refused.content.decode()
    assert (by_api.status_code, by_api.json()["code"]) == (409, "not_a_reviewer")
    assert not Team.objects.filter(name="스프링").exists()


def test_by_the_api_kind_and_mentor_stay_unless_they_are_given(club, study, api_as):
    olga, address = api_as(OLGA), f"/api/v1/study/cohorts/{club.cohort.id}/teams/{study.id}"

    given = olga.put(address, {"name": "알고리즘", "mentor_id": str(OLGA)}, format="json").json()
    assert (given["kind"], given["mentor_id"]) == ("study", str(OLGA))
    renamed = olga.put(address, {"name": "알고리즘 1"}, format="json").json()
    assert (renamed["name"], renamed["kind"], renamed["mentor_id"]) == ("알고리즘 1", "study", str(OLGA))
    cleared = olga.put(address, {"name": "알고리즘", "mentor_id": None}, format="json").json()
    assert cleared["mentor_id"] is None


def test_a_mentor_who_left_does_not_stop_a_new_name(club, study, as_principal, teams, api_as):
    Team.objects.filter(id=study.id).update(mentor_id=CLARA)
    address = f"/api/v1/study/cohorts/{club.cohort.id}/teams/{study.id}"

    assert api_as(OLGA).put(address, {"name": "자료구조"}, format="json").status_code == 200
    assert (
        "Clara" not in as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/settings/parts/").content.decode()
    )


def test_a_member_is_in_a_team_of_each_kind(club, study, as_principal, api_as):
    body = {"role": "member", "part_id": "", "team_id": str(club.team.id), "study_team_id": str(study.id)}

    assert as_principal(OLGA).post(member_page(club), body).status_code == 302

    ada = Membership.objects.get(id=club.ada.id)
    assert (ada.team, ada.study_team) == (club.team, study)
    assert "알고리즘, 1조" in as_principal(ADA).get(f"/cohorts/{club.cohort.id}/members/").content.decode()
    for page in ("week", "me"):
        assert "알고리즘" in as_principal(ADA).get(f"/cohorts/{club.cohort.id}/{page}/").content.decode()
    mine = api_as(ADA).get(f"/api/v1/study/cohorts/{club.cohort.id}/me").json()
    assert (mine["team"], mine["study_team"]) == ("1조", "알고리즘")


def test_a_team_of_the_wrong_kind_is_refused_at_its_field(club, study, as_principal, api_as):
    page = as_principal(OLGA).post(member_page(club), {"role": "member", "team_id": str(study.id)})
    address = f"/api/v1/study/cohorts/{club.cohort.id}/members/{club.ada.id}"
    body = {"role": "member", "part_id": None, "team_id": None, "study_team_id": str(club.team.id)}
    refused = api_as(OLGA).put(address, body, format="json")

    assert page.status_code == 422
    assert refused.json()["code"] == "team_of_another_cohort"
    assert Membership.objects.get(id=club.ada.id).team == club.team


def test_by_the_api_the_study_team_stays_unless_it_is_given(club, study, api_as):
    Membership.objects.filter(id=club.ada.id).update(study_team=study)
    address = f"/api/v1/study/cohorts/{club.cohort.id}/members/{club.ada.id}"

    answer = api_as(OLGA).put(address, {"role": "member", "part_id": None, "team_id": None}, format="json")

    assert answer.json()["study_team"] == "알고리즘"


def test_the_members_of_a_team_keep_it_when_its_kind_changes(club, teams, as_principal):
    olga, page = as_principal(OLGA), f"{teams}{club.team.id}/"

    olga.post(page, {"name": "1조", "kind": "study"})
    ada = Membership.objects.get(id=club.ada.id)
    assert (ada.team, ada.study_team) == (None, club.team)
    assert "1명" in olga.get(f"/cohorts/{club.cohort.id}/settings/parts/").content.decode()

    olga.post(page, {"name": "1조", "kind": "project"})
    ada.refresh_from_db()
    assert (ada.team, ada.study_team) == (club.team, None)


def test_not_if_one_of_them_has_a_team_of_that_kind(club, study, teams, as_principal):
    Membership.objects.filter(id=club.ada.id).update(study_team=study)

    refused = as_principal(OLGA).post(f"{teams}{club.team.id}/", {"name": "1조", "kind": "study"})

    assert refused.status_code == 422
    assert Membership.objects.get(id=club.ada.id).team == club.team


def test_a_study_team_with_people_in_it_is_not_removed(club, study, api_as):
    Membership.objects.filter(id=club.ada.id).update(study_team=study)
    address = f"/api/v1/study/cohorts/{club.cohort.id}/teams/{study.id}"

    assert api_as(OLGA).delete(address).json()["code"] == "team_in_use"
