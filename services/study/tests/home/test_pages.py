from __future__ import annotations

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW, assert_constant_queries
from chassis.web.auth import KNOWN_COOKIE
from study.cohorts.models import Membership, Role
from study.github.models import Repository
from study.missions.models import Mission
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER, mission_page

HTMX = {"HX-Request": "true"}


def add_rows(club) -> None:
    for n in range(5):
        Membership.objects.create(
            cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, part=club.backend, joined_at=NOW
        )
        Mission.objects.create(
            cohort=club.cohort,
            week=club.weeks[n],
            title=f"미션 {n}",
            github_repository=Repository.objects.create(cohort=club.cohort, name=f"club/more-{n}"),
            opens_at=NOW - timedelta(days=n + 1),
            due_at=NOW + timedelta(days=n + 1),
            created_at=NOW,
        )


@pytest.fixture
def here(club):
    return f"/cohorts/{club.cohort.id}/"


@pytest.fixture
def late_mission(club):
    """A mission whose deadline is long past by any clock, so that pages may read the real one."""
    return Mission.objects.create(
        cohort=club.cohort,
        week=club.weeks[0],
        title="첫 미션",
        github_repository=Repository.objects.create(cohort=club.cohort, name="club/first"),
        opens_at=NOW - timedelta(days=4000),
        due_at=NOW - timedelta(days=3990),
        created_at=NOW,
    )


class TestTheRoot:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("ko", ["운영진", "멘토", "멤버", "로그인"]),
            ("en", ["Organizers", "Mentors", "Members", "Sign in"]),
        ],
    )
    def test_tells_strangers_what_it_is_and_for_whom(self, club, as_principal, language, words):
        browser = as_principal(None)
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language

        page = browser.get("/").content.decode()

        main = page.partition("<main")[2].partition("</main>")[0]
        assert all(word in main for word in words)
        assert "/accounts/login/" in main
        assert "/accounts/signup/" in main
        assert "/accounts/setup/" not in main
        assert main.count("<h1") == 1
        assert 'role="img"' in main
        assert 'name="language"' in page

    def test_leads_to_the_set_up_while_nobody_has_an_account(self, db, as_principal):
        page = as_principal(None).get("/").content.decode()

        assert 'href="/accounts/setup/"' in page
        assert "/accounts/signup/" not in page

        AccountMirror.objects.create(account_id=ADA, closed=True)

        assert "/accounts/setup/" not in as_principal(None).get("/").content.decode()

    def test_asks_one_thing_of_the_database_and_nothing_of_users(
        self, club, as_principal, django_assert_num_queries
    ):
        with django_assert_num_queries(1):
            as_principal(None).get("/")

    def test_leads_to_the_newest_cohort(self, club, as_principal, here):
        assert as_principal(ADA).get("/")["Location"] == here
        newer = Membership.objects.create(
            cohort=club.other, account_id=ADA, role=Role.MEMBER, joined_at=NOW + timedelta(days=1)
        )
        assert as_principal(ADA).get("/")["Location"] == f"/cohorts/{newer.cohort_id}/"

    def test_leads_to_the_cohort_that_was_chosen_and_not_to_a_newer_one(self, club, as_principal, here):
        newer = Membership.objects.create(
            cohort=club.other, account_id=ADA, role=Role.MEMBER, joined_at=NOW + timedelta(days=1)
        )
        browser = as_principal(ADA)

        for chosen in (here, f"/cohorts/{newer.cohort_id}/", here):
            browser.get(chosen)
            assert browser.get("/")["Location"] == chosen
            switcher = browser.get("/nav/", headers=HTMX).content.decode()
            assert f'href="{chosen}" aria-current="true"' in switcher

    def test_a_page_of_a_cohort_chooses_it_too(self, club, as_principal, here):
        """Its navigation request names the cohort; links in mail open such pages directly."""
        Membership.objects.create(
            cohort=club.other, account_id=ADA, role=Role.MEMBER, joined_at=NOW + timedelta(days=1)
        )
        browser = as_principal(ADA)

        browser.get("/nav/", {"cohort": str(club.cohort.id), "at": f"{here}missions/"}, headers=HTMX)

        assert browser.get("/")["Location"] == here

    def test_leads_to_no_closed_cohort_while_one_runs_unless_it_was_chosen(self, club, as_principal, here):
        newer = Membership.objects.create(
            cohort=club.other, account_id=ADA, role=Role.MEMBER, joined_at=NOW + timedelta(days=1)
        )
        club.other.closed_at = NOW
        club.other.save(update_fields=["closed_at"])
        browser = as_principal(ADA)

        assert browser.get("/")["Location"] == here
        browser.get(f"/cohorts/{newer.cohort_id}/")
        assert browser.get("/")["Location"] == f"/cohorts/{newer.cohort_id}/"

    def test_forgets_a_choice_that_is_no_longer_theirs(self, club, as_principal, here):
        browser = as_principal(ADA)
        for nonsense in (str(club.other.id), "nonsense", ""):
            browser.cookies["study_cohort"] = nonsense
            assert browser.get("/")["Location"] == here

    def test_leads_who_is_nowhere_to_what_they_can_do(self, db, as_principal):
        assert as_principal(STRANGER).get("/")["Location"] == "/cohorts/"

    def test_asks_users_first_about_who_is_signed_in_there(self, club, as_principal):
        browser = as_principal(None)
        browser.cookies[KNOWN_COOKIE] = "1"

        answer = browser.get("/")

        assert (answer.status_code, answer["Location"]) == (307, "/accounts/renew?next=/&open=1")


class TestARefusedForm:
    def test_leaves_an_address_that_a_language_switch_can_come_back_to(self, late_mission, as_principal):
        browser = as_principal(OLGA)
        page = f"{mission_page(late_mission)}dues/"
        refused = browser.post(f"{page}parts/", {"due_at": ""})
        assert refused.status_code == 422
        assert f'name="next" value="{page}parts/"' in refused.content.decode()

        answer = browser.get(f"{page}parts/", follow=True)

        assert answer.redirect_chain == [(page, 302)]
        assert answer.status_code == 200


class TestACohortsAddress:
    @pytest.mark.parametrize(("who", "there"), [(ADA, "week/"), (BORIS, "/reviews/")])
    def test_leads_members_and_mentors_to_their_page(self, club, as_principal, here, who, there):
        assert as_principal(who).get(here)["Location"] == (there if there.startswith("/") else here + there)

    def test_is_not_there_for_others(self, club, as_principal, here):
        for who in (CLARA, STRANGER):
            for path in ("", "week/", "overview.csv"):
                assert as_principal(who).get(here + path).status_code == 404
        for who in (ADA, BORIS):
            assert as_principal(who).get(f"{here}overview.csv").status_code == 404

    def test_shows_operators_everybody_and_what_is_missing(self, club, late_mission, as_principal, here):
        page = as_principal(OLGA).get(here).content.decode()

        assert "Ada" in page
        assert "첫 미션, 미제출" in page
        assert f"{here}members/{club.ada.id}/missions/" in page

    def test_costs_the_same_however_much_there_is(self, club, late_mission, as_principal, here):
        browser = as_principal(OLGA)

        assert_constant_queries(lambda: browser.get(here), lambda: add_rows(club))

    def test_is_narrowed_by_a_part(self, club, late_mission, as_principal, here):
        AccountMirror.objects.filter(account_id=CLARA).update(name="Clara")
        Membership.objects.create(
            cohort=club.cohort, account_id=CLARA, role=Role.MEMBER, part=club.frontend, joined_at=NOW
        )

        page = as_principal(OLGA).get(here, {"part": str(club.frontend.id)})

        assert [row.member.name for row in page.context["matrix"].page] == ["Clara"]
        assert as_principal(OLGA).get(here, {"part": "nonsense"}).status_code == 200

    def test_without_members_says_how_to_invite_them(self, club, as_principal):
        page = as_principal(CLARA).get(f"/cohorts/{club.other.id}/").content.decode()

        assert f"/cohorts/{club.other.id}/invitations/" in page

    @pytest.mark.parametrize("sign", "=+-@＝＋－＠")
    def test_can_be_taken_away_as_a_sheet(self, club, late_mission, as_principal, here, sign):
        AccountMirror.objects.filter(account_id=ADA).update(name=f"{sign}Ada()")
        club.backend.name = f"{sign}cmd"
        club.backend.save(update_fields=["name"])

        answer = as_principal(OLGA).get(f"{here}overview.csv")

        [head, row] = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert head == ["멤버", "파트", "1주차 첫 미션", "미제출", "점수"]
        assert row[:3] == [f"'{sign}Ada()", f"'{sign}cmd", "미제출"]
        assert row[-2:] == ["1", "0"]
        assert "attachment" in answer["Content-Disposition"]


class TestTheWeek:
    def test_says_what_is_to_be_done_first(self, club, late_mission, as_principal, here):
        page = as_principal(ADA).get(f"{here}week/").content.decode()

        assert "첫 미션" in page
        assert mission_page(late_mission) in page

    def test_costs_the_same_however_much_there_is(self, club, late_mission, as_principal, here):
        browser = as_principal(ADA)

        assert_constant_queries(lambda: browser.get(f"{here}week/"), lambda: add_rows(club))

    def test_with_nothing_to_do_says_so(self, club, as_principal, here):
        assert "지금은 다 했어요" in as_principal(ADA).get(f"{here}week/").content.decode()


class TestTheFirstMission:
    def go(self, browser, here):
        return browser.get(f"{here}first-mission/")["Location"]

    def test_is_the_open_one_whose_deadline_is_next(self, club, as_principal, here, late_mission):
        later, soon, closed = (
            Mission.objects.create(
                cohort=club.cohort,
                week=club.weeks[n],
                title=f"미션 {n}",
                github_repository=Repository.objects.create(cohort=club.cohort, name=f"club/open-{n}"),
                opens_at=opens_at,
                due_at=NOW + timedelta(days=days),
                created_at=NOW,
            )
            for n, (opens_at, days) in enumerate(
                [(NOW, 5000), (NOW, 4000), (NOW + timedelta(days=3000), 3500)], start=1
            )
        )

        assert self.go(as_principal(ADA), here) == mission_page(soon)
        soon.delete()
        assert self.go(as_principal(ADA), here) == mission_page(later)
        later.delete()
        assert closed.opens_at > NOW
        assert self.go(as_principal(ADA), here) == here

    def test_is_the_cohort_for_reviewers_and_nothing_for_strangers(self, club, as_principal, here):
        assert self.go(as_principal(BORIS), here) == here
        assert self.go(as_principal(OLGA), here) == here
        assert as_principal(CLARA).get(f"{here}first-mission/").status_code == 404
