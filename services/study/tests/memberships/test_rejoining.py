"""A former or demoted member cannot rejoin with a link created before."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from study.cohorts.models import Membership, Role
from study.memberships.models import Invitation
from tests.conftest import ADA, CLARA, CONSENT, OLGA

NO_PART_OR_TEAM = {"part_id": "", "team_id": ""}


@pytest.fixture
def former(club):
    """A second operator, Clara."""
    return Membership.objects.create(
        cohort=club.cohort, account_id=CLARA, role=Role.OPERATOR, joined_at=club.cohort.opened_at
    )


@pytest.fixture
def link(invite):
    """link(role) → an invitation created a minute ago, with many uses."""
    return lambda role, **overrides: invite(
        role=role, part_id=None, at=timezone.now() - timedelta(minutes=1), **overrides
    )


def remove(club, membership, as_principal) -> None:
    answer = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/members/{membership.id}/remove/")
    assert answer.status_code == 302


def is_in(club, account_id) -> bool:
    return Membership.objects.live().filter(cohort=club.cohort, account_id=account_id).exists()


@pytest.mark.parametrize("role", list(Role))
def test_a_removed_operator_joins_by_no_earlier_link(club, former, link, as_principal, api_as, role):
    earlier = link(role)
    addressed = link(role, max_uses=1)
    Invitation.objects.filter(id=addressed.id).update(for_account_id=CLARA)
    remove(club, former, as_principal)

    for each in (earlier, addressed):
        body = {"part_id": str(club.backend.id), **CONSENT}
        assert as_principal(CLARA).post(each.path, body).status_code == 409
        assert api_as(CLARA).post(f"/api/v1/study/join/{each.token}", body).status_code == 409

    assert not is_in(club, CLARA)
    assert Invitation.objects.filter(uses__gt=0).count() == 0


def test_the_page_of_an_earlier_link_says_why(club, link, as_principal):
    earlier = link(Role.MENTOR)
    remove(club, club.ada, as_principal)

    page = as_principal(ADA).get(earlier.path).content.decode()

    assert "이 링크가 만들어진 뒤에 기수에서 나간 계정이에요." in page
    assert f'action="{earlier.path}"' not in page


def test_a_new_link_brings_them_back(club, former, invite, as_principal):
    remove(club, former, as_principal)

    later = invite(role=Role.MENTOR, part_id=None, at=timezone.now())
    assert as_principal(CLARA).post(later.path, CONSENT).status_code == 302

    assert Membership.objects.live().get(cohort=club.cohort, account_id=CLARA).role == Role.MENTOR


def test_who_left_by_themselves_needs_a_new_link_as_the_page_says(club, link, as_principal):
    earlier = link(Role.MEMBER)
    as_principal(ADA).post(f"/cohorts/{club.cohort.id}/leave/")

    assert (
        as_principal(ADA).post(earlier.path, {"part_id": str(club.backend.id), **CONSENT}).status_code == 409
    )

    assert not is_in(club, ADA)


@pytest.mark.parametrize("role", [Role.MENTOR, Role.OPERATOR])
@pytest.mark.parametrize("how", ["removed", "demoted", "left"])
def test_links_that_a_former_operator_has_seen_serve_nobody(club, former, link, as_principal, role, how):
    """A second account or a friend could use them."""
    seen, for_members, for_somebody = link(role), link(Role.MEMBER), link(role)
    somebody = uuid4()
    Invitation.objects.filter(id=for_somebody.id).update(for_account_id=somebody)

    if how == "removed":
        remove(club, former, as_principal)
    elif how == "demoted":
        page = f"/cohorts/{club.cohort.id}/members/{former.id}/"
        assert as_principal(OLGA).post(page, {"role": "mentor", **NO_PART_OR_TEAM}).status_code == 302
    else:
        as_principal(CLARA).post(f"/cohorts/{club.cohort.id}/leave/")

    second = uuid4()
    assert as_principal(second).post(seen.path, CONSENT).status_code == 409
    assert not is_in(club, second)
    assert (
        as_principal(second).post(for_members.path, {"part_id": str(club.backend.id), **CONSENT}).status_code
        == 302
    )
    assert as_principal(somebody).post(for_somebody.path, CONSENT).status_code == 302


def test_a_demoted_operator_who_leaves_is_no_operator_again(club, former, link, api_as, as_principal):
    earlier = link(Role.OPERATOR)
    member = f"/api/v1/study/cohorts/{club.cohort.id}/members/{former.id}"
    assert (
        api_as(OLGA)
        .put(member, {"role": "member", "part_id": None, "team_id": None}, format="json")
        .status_code
        == 200
    )
    as_principal(CLARA).post(f"/cohorts/{club.cohort.id}/leave/")

    assert as_principal(CLARA).post(earlier.path, CONSENT).status_code == 409

    assert not is_in(club, CLARA)


def test_removing_a_member_withdraws_no_link(club, link, as_principal):
    mentors = link(Role.MENTOR)

    remove(club, club.ada, as_principal)

    assert as_principal(uuid4()).post(mentors.path, CONSENT).status_code == 302


def test_before_an_operator_is_removed_it_is_said_what_happens_to_links(club, former, as_principal):
    text = "운영진·멘토 초대 링크도 함께 취소돼요"
    url = f"/cohorts/{club.cohort.id}/members/"

    assert text in as_principal(OLGA).get(f"{url}{former.id}/remove/").content.decode()
    assert text not in as_principal(OLGA).get(f"{url}{club.ada.id}/remove/").content.decode()
