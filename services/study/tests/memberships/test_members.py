from __future__ import annotations

from uuid import uuid4

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.models import Membership, Part, Role
from study.memberships import queries
from study.memberships.actions.github import claim_github
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER


def crowd(club, number: int) -> None:
    for n in range(number):
        account_id = uuid4()
        AccountMirror.objects.create(account_id=account_id, name=f"회원 {n:02}", version=1)
        Membership.objects.create(
            cohort=club.cohort,
            account_id=account_id,
            role=Role.MEMBER,
            part=club.frontend if n % 2 else None,
            joined_at=NOW,
        )


@pytest.fixture
def url(club):
    return f"/cohorts/{club.cohort.id}/members/"


class TestTheList:
    def test_goes_by_name_page_by_page(self, club):
        crowd(club, 5)

        first = queries.members(club.olga, size=4)
        second = queries.members(club.olga, size=4, cursor=first.next)

        names = [membership.name for membership in first.rows + second.rows]
        assert names == ["Ada", "Boris", "Olga", *(f"회원 {n:02}" for n in range(5))]
        assert second.next is None

    def test_shows_accounts_not_mirrored_yet_and_closed_accounts(self, club, as_principal, url):
        AccountMirror.objects.filter(account_id=ADA).update(name="", closed=True, github_id=None)
        AccountMirror.objects.filter(account_id=BORIS).delete()

        page = as_principal(OLGA).get(url).content.decode()

        assert "탈퇴한 회원" in page
        assert "새 멤버" in page

    def test_costs_the_same_whatever_its_size(self, club, as_principal, url):
        browser = as_principal(OLGA)

        assert_constant_queries(lambda: browser.get(url), lambda: crowd(club, 20))

        assert "회원 19" in browser.get(url).content.decode()

    def test_is_narrowed_by_a_part_and_by_a_search(self, club, as_principal, url):
        crowd(club, 4)
        browser = as_principal(OLGA)

        by_part = browser.get(url, {"part": str(club.frontend.id)}).content.decode()
        assert "회원 01" in by_part
        assert "회원 00" not in by_part
        by_login = browser.get(url, {"q": "ADA-CO"}).content.decode()
        assert "Ada" in by_login
        assert "Boris</a>" not in by_login
        assert "찾은 사람이 없어요" in browser.get(url, {"q": "아무도%"}).content.decode()
        assert browser.get(url, {"part": "nonsense", "q": "\x00"}).status_code == 200

    def test_answers_htmx_with_the_rows_alone(self, club, as_principal, url):
        rows = as_principal(OLGA).get(url, {"q": "ada"}, headers={"HX-Request": "true"}).content.decode()

        assert rows.lstrip().startswith('<div id="members"')
        assert "Ada" in rows

    def test_is_for_everybody_in_the_cohort_without_what_is_not_theirs(self, club, as_principal, url):
        Membership.objects.filter(id=club.boris.id).update(github_claim="a-secret")
        AccountMirror.objects.filter(account_id=BORIS).update(github_id=None, github_login="")

        page = as_principal(ADA).get(url).content.decode()
        assert "Boris" in page
        assert "a-secret" not in page
        assert f"{url}{club.boris.id}/" not in page
        assert "a-secret" in as_principal(OLGA).get(url).content.decode()
        assert as_principal(CLARA).get(url).status_code == 404


class TestAPersonsPage:
    def test_costs_the_same_however_many_parts_there_are(self, club, as_principal, url):
        browser = as_principal(OLGA)

        def add_parts() -> None:
            for n in range(5):
                Part.objects.create(cohort=club.cohort, name=f"파트 {n}", position=n + 3)

        assert_constant_queries(lambda: browser.get(f"{url}{club.ada.id}/"), add_parts)

    def test_changes_role_part_and_team(self, club, as_principal, url):
        answer = as_principal(OLGA).post(
            f"{url}{club.ada.id}/", {"role": "mentor", "part_id": str(club.frontend.id), "team_id": ""}
        )

        club.ada.refresh_from_db()
        assert answer.status_code == 302
        assert (club.ada.role, club.ada.part, club.ada.team) == (Role.MENTOR, club.frontend, None)

    def test_says_at_the_role_that_the_last_operator_stays_one(self, club, as_principal, url):
        answer = as_principal(OLGA).post(
            f"{url}{club.olga.id}/", {"role": "member", "part_id": "", "team_id": ""}
        )

        assert answer.status_code == 422
        assert "운영진이 있어야 해요" in answer.content.decode()

    def test_sets_a_login_confirms_a_claim_and_refuses_a_taken_one(self, club, as_principal, url):
        membership = Membership.objects.create(
            cohort=club.cohort, account_id=STRANGER, role=Role.MEMBER, joined_at=NOW
        )
        claim_github(membership=membership, login="eve-dev")
        browser, page = as_principal(OLGA), f"{url}{membership.id}/"

        assert "본인이 알린 계정: eve-dev" in browser.get(page).content.decode()
        assert browser.post(f"{page}claim/", {"login": "eve-old"}).status_code == 409
        assert browser.post(f"{page}claim/", {"login": "eve-dev"}).status_code == 302
        membership.refresh_from_db()
        assert (membership.github_login, membership.github_claim) == ("eve-dev", "")
        assert browser.post(f"{page}github/", {"login": "ada-codes"}).status_code == 422
        assert browser.get(f"{page}github/").status_code == 200
        assert browser.get(f"{page}claim/")["Location"] == page
        assert browser.post(f"{page}github/", {"login": "eve-two"}).status_code == 302
        membership.refresh_from_db()
        assert membership.github_login == "eve-two"

    def test_asks_before_removing(self, club, as_principal, url):
        browser, remove = as_principal(OLGA), f"{url}{club.ada.id}/remove/"

        assert "Ada 님을 ‘16기’에서 내보낼까요?" in browser.get(remove).content.decode()
        assert Membership.objects.live().filter(id=club.ada.id).exists()
        assert browser.post(remove)["Location"] == url
        assert not Membership.objects.live().filter(id=club.ada.id).exists()

    @pytest.mark.parametrize("account_id", [ADA, BORIS, CLARA, STRANGER])
    def test_is_not_there_for_others(self, club, as_principal, url, account_id):
        browser, page = as_principal(account_id), f"{url}{club.ada.id}/"

        assert browser.get(page).status_code == 404
        for deed in ("", "github/", "claim/", "remove/"):
            assert browser.post(page + deed, {"login": "x", "role": "operator"}).status_code == 404

    def test_is_found_only_through_its_own_cohort(self, club, as_principal, url):
        assert as_principal(OLGA).get(f"{url}{club.clara.id}/").status_code == 404
        assert as_principal(CLARA).get(f"/cohorts/{club.other.id}/members/{club.ada.id}/").status_code == 404
