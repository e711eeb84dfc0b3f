"""Role, part and teams of several members at once."""

from __future__ import annotations

from uuid import uuid4

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from tests.conftest import ADA, OLGA


def joined(club, **columns):
    return Membership.objects.create(
        cohort=club.cohort, account_id=uuid4(), **{"role": Role.MEMBER, "joined_at": NOW} | columns
    )


def test_the_chosen_people_get_the_same_part_and_keep_the_rest(club, as_principal):
    others = [joined(club), joined(club)]

    answer = as_principal(OLGA).post(
        f"/cohorts/{club.cohort.id}/members/update/",
        {"membership_ids": [club.ada.id, others[0].id], "part_id": club.frontend.id, "team_id": "none"},
    )

    assert answer.status_code == 302
    rows = {row.id: row for row in Membership.objects.all()}
    assert (rows[club.ada.id].part, rows[club.ada.id].team) == (club.frontend, None)
    assert (rows[others[0].id].part, rows[others[0].id].role) == (club.frontend, "member")
    assert rows[others[1].id].part is None


def test_it_is_all_of_them_or_none(club, api_as):
    url = f"/api/v1/study/cohorts/{club.cohort.id}/members"
    body = {"membership_ids": [str(club.ada.id), str(club.olga.id)], "role": "mentor"}

    assert api_as(OLGA).patch(url, body).json()["code"] == "last_operator"
    stranger = {**body, "membership_ids": [str(club.ada.id), str(club.clara.id)]}
    assert api_as(OLGA).patch(url, stranger).json()["code"] == "member_not_in_cohort"
    other = {"membership_ids": [str(club.ada.id)], "part_id": str(uuid4())}
    assert api_as(OLGA).patch(url, other).json()["code"] == "part_of_another_cohort"

    club.ada.refresh_from_db()
    assert club.ada.role == Role.MEMBER
    done = api_as(OLGA).patch(url, {**body, "membership_ids": [str(club.ada.id)]})
    assert [row["role"] for row in done.json()["results"]] == ["mentor"]


def test_nothing_chosen_is_said(club, as_principal):
    olga, url = as_principal(OLGA), f"/cohorts/{club.cohort.id}/members/update/"
    for sent in ({}, {"membership_ids": [club.ada.id]}, {"part_id": club.frontend.id}):
        answer = olga.post(url, sent, follow=True)
        assert "바꿀" in answer.content.decode()
    assert 'form="several"' in olga.get(f"/cohorts/{club.cohort.id}/members/").content.decode()
    assert as_principal(ADA).post(url, {"membership_ids": [club.ada.id]}).status_code == 404
    assert (
        'form="several"' not in as_principal(ADA).get(f"/cohorts/{club.cohort.id}/members/").content.decode()
    )
