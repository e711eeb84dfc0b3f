from __future__ import annotations

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.memberships.actions.memberships import leave
from study.memberships.models import Invitation
from tests.conftest import ADA, BORIS, CLARA, CONSENT, OLGA, STRANGER

API = "/api/v1/study"


@pytest.fixture
def url(club):
    return f"{API}/cohorts/{club.cohort.id}"


def test_members_are_listed_narrowed_and_paged(club, api_as, url):
    api = api_as(OLGA)

    first = api.get(f"{url}/members", {"size": 2}).json()
    assert [row["name"] for row in first["results"]] == ["Ada", "Boris"]
    second = api.get(f"{url}/members", {"size": 2, "cursor": first["next"]}).json()
    assert [row["name"] for row in second["results"]] == ["Olga"]

    def names(**params):
        return [row["name"] for row in api.get(f"{url}/members", params).json()["results"]]

    assert names(role="mentor") == ["Boris"]
    assert names(part_id=str(club.backend.id), search="ad") == ["Ada"]
    assert api.get(f"{url}/members", {"role": "king"}).status_code == 400
    assert api.get(f"{url}/members", {"part_id": "nonsense"}).status_code == 400


def test_an_operator_changes_and_removes_a_member(club, api_as, url):
    api, detail_url = api_as(OLGA), f"{url}/members/{club.ada.id}"

    changed = api.put(detail_url, {"role": "mentor", "part_id": str(club.frontend.id), "team_id": None})

    assert (changed.json()["role"], changed.json()["part"], changed.json()["team"]) == (
        "mentor",
        "프론트엔드",
        None,
    )
    assert api.get(detail_url).json() == changed.json()
    assert api.delete(detail_url).status_code == 204
    assert api.get(detail_url).status_code == 404


def test_a_part_of_elsewhere_is_named_as_the_fault(club, api_as, url):
    refused = api_as(OLGA).put(
        f"{url}/members/{club.ada.id}", {"role": "member", "part_id": str(STRANGER), "team_id": None}
    )

    assert (refused.status_code, refused.json()["code"]) == (409, "part_of_another_cohort")
    assert "part_id" in refused.json()["errors"]


def test_the_last_operator_cannot_be_removed(club, api_as, url):
    refused = api_as(OLGA).delete(f"{url}/members/{club.olga.id}")

    assert (refused.status_code, refused.json()["code"]) == (409, "last_operator")


def test_a_claim_goes_from_the_member_through_the_operator(club, api_as, url):
    membership = Membership.objects.create(
        cohort=club.cohort, account_id=STRANGER, role=Role.MEMBER, joined_at=NOW
    )
    member, operator, detail_url = api_as(STRANGER), api_as(OLGA), f"{url}/members/{membership.id}"

    assert member.put(f"{url}/me/claim", {"login": "@Eve"}).json()["github"] == "claimed"
    assert operator.put(f"{detail_url}/claim", {"login": "eve"}).json()["github"] == "awaited"
    assert operator.put(f"{detail_url}/github", {"login": "eve-two"}).json()["github_login"] == "eve-two"
    assert operator.put(f"{detail_url}/github", {"login": "no login"}).status_code == 400
    assert member.get(f"{url}/me").json()["github"] == "awaited"


def test_leaving_closes_the_door(club, api_as, url):
    api = api_as(ADA)

    assert api.delete(f"{url}/me").status_code == 204
    assert api.get(f"{url}/me").status_code == 404


def test_an_invitation_is_made_used_and_withdrawn(club, api_as, url):
    operator, clara = api_as(OLGA), api_as(CLARA)
    body = {"role": "member", "part_id": str(club.backend.id), "expires_at": "2099-01-01T00:00:00Z"}

    created = operator.post(f"{url}/invitations", {**body, "max_uses": 2})
    assert created.status_code == 201, created.json()
    assert created.json()["state"] == "open"
    join = API + created.json()["path"].rstrip("/")
    assert clara.get(join).json()["cohort_title"] == "16기"
    assert Invitation.objects.get().uses == 0
    joined = clara.post(join, CONSENT)
    assert (joined.status_code, joined.json()["part"]) == (201, "백엔드")
    assert clara.post(join, CONSENT).json()["code"] == "already_in"
    detail_url = f"{url}/invitations/{created.json()['id']}"
    assert operator.get(detail_url).json()["uses"] == 1
    assert operator.delete(detail_url).status_code == 204
    assert api_as(STRANGER).post(join, CONSENT).json()["code"] == "invitation_withdrawn"
    assert [row["state"] for row in operator.get(f"{url}/invitations").json()["results"]] == ["withdrawn"]


def test_an_invitation_by_name_is_for_that_person_alone(club, api_as, url):
    Membership.objects.create(cohort=club.other, account_id=OLGA, role=Role.OPERATOR, joined_at=NOW)

    created = api_as(OLGA).post(f"{url}/invitations/people", {"account_id": str(CLARA), "role": "mentor"})

    assert (created.status_code, created.json()["invited"]) == (201, "Clara")
    join = API + created.json()["path"].rstrip("/")
    refused = api_as(STRANGER).post(join, CONSENT)
    assert (refused.status_code, refused.json()["code"]) == (403, "invitation_for_someone_else")
    assert api_as(CLARA).post(join, CONSENT).status_code == 201


def test_only_operators_see_the_ways_in(club, invite, api_as, url):
    link = invite()

    for account_id in (ADA, BORIS, CLARA):
        api = api_as(account_id)
        assert api.get(f"{url}/invitations").status_code == 404
        assert api.delete(f"{url}/invitations/{link.id}").status_code == 404
    link.refresh_from_db()
    assert link.withdrawn_at is None


def test_a_token_that_may_only_read_joins_nothing(club, invite, api_as):
    refused = api_as(CLARA, scope="read").post(API + invite().path.rstrip("/"))

    assert refused.status_code == 403
    with pytest.raises(Membership.DoesNotExist):
        Membership.objects.get(cohort=club.cohort, account_id=CLARA)


def test_a_membership_seen_by_others_hides_the_claim(club, api_as, url):
    leave(membership=club.boris, at=NOW, by=OLGA)
    Membership.objects.create(
        cohort=club.cohort, account_id=STRANGER, role=Role.MEMBER, joined_at=NOW, github_claim="a-secret"
    )

    assert "a-secret" not in api_as(ADA).get(f"{url}/members").content.decode()
    assert "a-secret" in api_as(OLGA).get(f"{url}/members").content.decode()
