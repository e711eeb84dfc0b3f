from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.testing import NOW, assert_constant_queries
from study.cohorts.actions import CohortClosed, close_cohort
from study.cohorts.models import Membership, Role
from study.memberships import queries
from study.memberships.actions.invitations import (
    AlreadyMember,
    ExpiryInPast,
    PartNotInCohort,
    UnknownAccount,
    invite_account,
    withdraw_invitation,
)
from study.memberships.models import Invitation
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER


def test_no_two_links_are_alike(club, invite):
    assert invite().token != invite().token


def test_a_link_needs_a_future_and_a_part_of_its_cohort(club, invite):
    with pytest.raises(ExpiryInPast):
        invite(expires_at=NOW)
    with pytest.raises(PartNotInCohort):
        invite(part_id=club.other.parts.create(name="남의 파트", position=1).id)
    club.cohort = close_cohort(cohort=club.cohort, at=NOW)
    with pytest.raises(CohortClosed):
        invite()

    assert not Invitation.objects.exists()


def test_inviting_a_known_person_publishes_an_event(club, published):
    Membership.objects.create(cohort=club.other, account_id=OLGA, role=Role.OPERATOR, joined_at=NOW)

    invitation = invite_account(
        cohort=club.cohort, account_id=CLARA, role=Role.MENTOR, part_id=None, by=OLGA, at=NOW
    )

    assert (invitation.for_account_id, invitation.max_uses) == (CLARA, 1)
    [payload] = published("study.member_invited.v1")
    assert payload == {
        "invitation_id": str(invitation.id),
        "cohort_id": str(club.cohort.id),
        "cohort_title": "16기",
        "invited_by": "Olga",
        "role": "mentor",
        "link": invitation.path,
        "recipients": [str(CLARA)],
    }


def test_a_stranger_cannot_be_invited_by_name(club, published):
    for account_id in (CLARA, STRANGER):
        with pytest.raises(UnknownAccount):
            invite_account(
                cohort=club.cohort, account_id=account_id, role=Role.MEMBER, part_id=None, by=OLGA, at=NOW
            )

    assert not published("study.member_invited.v1")


def test_knowing_from_a_cohort_where_one_is_no_operator_does_not_count(club):
    Membership.objects.create(cohort=club.other, account_id=OLGA, role=Role.MENTOR, joined_at=NOW)

    with pytest.raises(UnknownAccount):
        invite_account(cohort=club.cohort, account_id=CLARA, role=Role.MEMBER, part_id=None, by=OLGA, at=NOW)
    assert queries.known_people(OLGA, cohort=club.cohort) == []


def test_who_is_in_is_not_invited_again(club, published):
    with pytest.raises(AlreadyMember):
        invite_account(cohort=club.cohort, account_id=ADA, role=Role.MEMBER, part_id=None, by=OLGA, at=NOW)


def test_withdrawing_twice_keeps_the_first_moment(club, invite):
    link = invite()
    withdraw_invitation(invitation=link, at=NOW, by=OLGA)

    assert withdraw_invitation(invitation=link, at=NOW + timedelta(hours=1), by=OLGA).withdrawn_at == NOW


class TestThePage:
    @pytest.fixture
    def url(self, club):
        return f"/cohorts/{club.cohort.id}/invitations/"

    def test_says_how_to_begin(self, club, as_principal, url):
        page = as_principal(OLGA).get(url).content.decode()

        assert "쓸 수 있는 링크가 없어요" in page
        assert 'type="datetime-local"' in page

    def test_makes_a_link_and_shows_it_to_be_copied(self, club, as_principal, url, settings):
        answer = as_principal(OLGA).post(
            url,
            {
                "role": "mentor",
                "part_id": str(club.backend.id),
                "max_uses": "3",
                "expires_at": "2099-12-31T23:59",
            },
        )

        invitation = Invitation.objects.get()
        assert answer.status_code == 302
        assert (invitation.role, invitation.part, invitation.max_uses, invitation.created_by) == (
            "mentor",
            club.backend,
            3,
            OLGA,
        )
        page = as_principal(OLGA).get(url).content.decode()
        assert f'value="{settings.PUBLIC_URL}{invitation.path}"' in page
        assert "3명 중 0명 참여" in page

    @pytest.mark.parametrize(
        ("field", "value"),
        [("role", "king"), ("max_uses", "0"), ("expires_at", "2020-01-01T00:00"), ("part_id", str(STRANGER))],
    )
    def test_keeps_what_was_typed_when_it_refuses(self, club, as_principal, url, field, value):
        typed = {"role": "member", "part_id": "", "max_uses": "7", "expires_at": "2099-12-31T23:59"}

        answer = as_principal(OLGA).post(url, {**typed, field: value})

        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {field}
        assert not Invitation.objects.exists()

    def test_asks_before_withdrawing(self, club, invite, as_principal, url):
        link = invite(expires_at=NOW + timedelta(days=30000))
        withdraw = f"{url}{link.id}/withdraw/"

        assert "취소할까요?" in as_principal(OLGA).get(withdraw).content.decode()
        link.refresh_from_db()
        assert link.withdrawn_at is None
        as_principal(OLGA).post(withdraw)

        assert "쓸 수 있는 링크가 없어요" in as_principal(OLGA).get(url).content.decode()
        page = as_principal(OLGA).get(f"{url}?past").content.decode()
        assert "취소됨" in page
        assert link.path not in page

    def test_costs_the_same_whatever_the_number_of_links(self, club, invite, as_principal, url):
        invite()
        browser = as_principal(OLGA)

        assert_constant_queries(lambda: browser.get(url), lambda: [invite() for _ in range(5)])

    def test_is_not_there_for_others(self, club, invite, as_principal, url):
        link = invite()

        for account_id in (ADA, BORIS, CLARA, STRANGER):
            browser = as_principal(account_id)
            assert browser.get(url).status_code == 404
            assert browser.get(f"{url}people/").status_code == 404
            assert browser.post(f"{url}{link.id}/withdraw/").status_code == 404

    def test_invites_somebody_known_by_name(self, club, as_principal, url):
        Membership.objects.create(cohort=club.other, account_id=OLGA, role=Role.OPERATOR, joined_at=NOW)
        browser = as_principal(OLGA)

        page = browser.get(f"{url}people/").content.decode()
        assert "Clara" in page
        assert "Ada" not in page
        answer = browser.post(f"{url}people/", {"account_id": str(CLARA), "role": "member", "part_id": ""})

        assert answer.status_code == 302
        assert Invitation.objects.get().for_account_id == CLARA
        assert "Clara · 멤버" in browser.get(url).content.decode()

    def test_knows_nobody_at_first_and_says_so(self, club, as_principal, url):
        assert "아직 고를 사람이 없어요" in as_principal(OLGA).get(f"{url}people/").content.decode()
        refused = as_principal(OLGA).post(f"{url}people/", {"account_id": str(CLARA), "role": "member"})
        assert refused.status_code == 422
