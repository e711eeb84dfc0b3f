from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.models import Membership, Role
from study.memberships import queries
from study.memberships.actions import memberships as actions
from study.memberships.actions.github import (
    ClaimChanged,
    GitHubAlreadyLinked,
    GitHubTaken,
    claim_github,
    confirm_claim,
    pin_github,
    set_github_login,
)
from study.memberships.forms import clean_github_login
from tests.conftest import ADA, BORIS, OLGA, STRANGER


@pytest.fixture
def eve(club) -> Membership:
    """A member without a linked GitHub account."""
    return Membership.objects.create(cohort=club.cohort, account_id=STRANGER, role=Role.MEMBER, joined_at=NOW)


def owner(club, github_id: int, login: str = "whoever") -> Membership | None:
    return queries.owner_of_pull_request(club.cohort.id, github_id=github_id, login=login)


def test_a_linked_account_is_found_by_its_number_whatever_it_is_called(club):
    assert owner(club, 101, "renamed") == club.ada


def test_a_linked_login_with_another_number_is_nobody(club):
    assert owner(club, 999, "ada-codes") is None


def test_a_login_set_by_an_operator_matches_once_and_then_the_id_does(club, eve):
    set_github_login(membership=eve, login="eve-dev", by=OLGA, at=NOW)
    assert owner(club, 555, "Eve-Dev") == eve

    pin_github(membership=eve, github_id=555, login="Eve-Dev", by=None, at=NOW)

    assert owner(club, 555, "new-name") == eve
    # Another account that takes over the old login is not matched.
    assert owner(club, 556, "eve-dev") is None


def test_a_claimed_login_matches_nothing_until_confirmed(club, eve):
    claim_github(membership=eve, login="eve-dev")
    assert owner(club, 555, "eve-dev") is None

    confirm_claim(membership=eve, login="eve-dev", by=OLGA, at=NOW)

    assert owner(club, 555, "eve-dev") == eve


def test_a_claim_that_changed_meanwhile_is_not_confirmed(club, eve):
    claim_github(membership=eve, login="somebody-else")

    for seen in ("eve-dev", ""):
        with pytest.raises(ClaimChanged):
            confirm_claim(membership=eve, login=seen, by=OLGA, at=NOW)

    eve.refresh_from_db()
    assert eve.github_login == ""


def test_a_linked_account_takes_precedence_over_a_login_set_by_an_operator(club, eve):
    set_github_login(membership=eve, login="eve-dev", by=OLGA, at=NOW)
    AccountMirror.objects.create(
        account_id=STRANGER, name="Eve", github_id=700, github_login="eve-real", version=1
    )

    assert owner(club, 700) == eve
    assert owner(club, 555, "eve-dev") is None
    with pytest.raises(GitHubAlreadyLinked):
        set_github_login(membership=eve, login="other", by=OLGA, at=NOW)
    with pytest.raises(GitHubAlreadyLinked):
        claim_github(membership=eve, login="other")


def test_one_github_account_is_one_persons_in_a_cohort(club, eve):
    with pytest.raises(GitHubTaken):
        pin_github(membership=eve, github_id=101, login="ada-codes", by=None, at=NOW)
    with pytest.raises(GitHubTaken):
        set_github_login(membership=eve, login="ada-codes", by=OLGA, at=NOW)

    other = Membership.objects.create(
        cohort=club.cohort, account_id=club.clara.account_id, role=Role.MEMBER, joined_at=NOW
    )
    AccountMirror.objects.filter(account_id=other.account_id).update(github_id=None, github_login="")
    pin_github(membership=eve, github_id=555, login="eve-dev", by=None, at=NOW)
    with pytest.raises(GitHubTaken):
        pin_github(membership=other, github_id=555, login="eve-dev", by=None, at=NOW)
    with pytest.raises(GitHubTaken):
        set_github_login(membership=other, login="eve-dev", by=OLGA, at=NOW)


def test_another_login_undoes_the_pinned_number_and_none_takes_both_back(club, eve):
    pin_github(membership=eve, github_id=555, login="eve-dev", by=None, at=NOW)

    again = set_github_login(membership=eve, login="eve-dev", by=OLGA, at=NOW)
    assert again.github_id == 555
    assert set_github_login(membership=eve, login="eve-two", by=OLGA, at=NOW).github_id is None
    assert set_github_login(membership=eve, login="", by=OLGA, at=NOW).github_login == ""
    assert owner(club, 555, "eve-two") is None


def test_who_left_mentors_and_strangers_own_nothing(club, eve):
    assert owner(club, 102, "boris-reviews") is None
    actions.leave(membership=club.ada, at=NOW, by=OLGA)
    assert owner(club, 101, "ada-codes") is None
    assert owner(club, 0, "") is None


def test_whose_it_is_costs_the_same_however_many_there_are(club, eve):
    def add_members() -> None:
        for n in range(5):
            Membership.objects.create(
                cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, github_id=900 + n, joined_at=NOW
            )

    assert_constant_queries(lambda: owner(club, 101), add_members)


@pytest.mark.parametrize(
    ("typed", "login"),
    [
        ("Ada-Codes", "ada-codes"),
        (" @ada ", "ada"),
        ("https://github.com/ada/", "ada"),
        ("a" * 39, "a" * 39),
        ("a" * 40, None),
        ("-ada", None),
        ("ada-", None),
        ("a--b", None),
        ("ada codes", None),
        ("에이다", None),
        ("ada/codes", None),
    ],
)
def test_what_a_login_looks_like(typed, login):
    if login is None:
        with pytest.raises(ValidationError):
            clean_github_login(typed)
    else:
        assert clean_github_login(typed) == login


class TestMyPlace:
    @pytest.fixture
    def url(self, club):
        return f"/cohorts/{club.cohort.id}/me/"

    def test_says_that_the_account_is_linked(self, club, as_principal, url):
        assert "계정이 연결되어 있어요" in as_principal(ADA).get(url).content.decode()

    def test_takes_a_claim_and_says_that_it_waits(self, club, eve, as_principal, url):
        browser = as_principal(STRANGER)

        assert "프로필에서 연결하기" in browser.get(url).content.decode()
        assert browser.post(url, {"login": "@Eve-Dev"}).status_code == 302
        assert "<code>eve-dev</code> 계정을 알렸어요" in browser.get(url).content.decode()

    def test_refuses_what_is_no_login_and_keeps_it(self, club, eve, as_principal, url):
        answer = as_principal(STRANGER).post(url, {"login": "no login at all"})

        assert answer.status_code == 422
        assert 'value="no login at all"' in answer.content.decode()

    def test_leaving_asks_first(self, club, as_principal, url):
        browser, leave = as_principal(ADA), f"/cohorts/{club.cohort.id}/leave/"

        assert "나갈까요?" in browser.get(leave).content.decode()
        assert Membership.objects.live().filter(id=club.ada.id).exists()
        assert browser.post(leave)["Location"] == "/cohorts/"
        assert browser.get(url).status_code == 404

    def test_the_last_operator_is_told_why_not(self, club, as_principal):
        answer = as_principal(club.olga.account_id).post(f"/cohorts/{club.cohort.id}/leave/")

        assert answer.status_code == 409
        assert "운영진이 있어야 해요" in answer.content.decode()

    def test_is_everybodys_in_the_cohort_and_nobody_elses(self, club, as_principal, url):
        assert as_principal(BORIS).get(url).status_code == 200
        assert as_principal(STRANGER).get(url).status_code == 404
