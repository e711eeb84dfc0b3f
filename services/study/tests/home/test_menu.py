"""The menu and the cohort switcher."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from chassis.testing import NOW
from study.cohorts.models import Cohort, Membership, Role
from tests.conftest import ADA, BORIS, OLGA, STRANGER

HTMX = {"HX-Request": "true"}


@pytest.fixture
def here(club):
    return f"/cohorts/{club.cohort.id}/"


class TestTheMenu:
    def nav_items(self, answer):
        return {item.label: item.url for item in answer.context["nav_items"]}

    def shown_cohort(self, answer):
        """Return the address of the cohort that the switcher shows."""
        return re.findall(r'href="(/cohorts/[^"]+)" aria-current="true"', answer.content.decode())

    def current(self, answer):
        return [item.label for item in answer.context["nav_items"] if item.current]

    def test_is_that_of_the_role_in_the_cohort_of_the_page(self, club, as_principal, here):
        Membership.objects.create(
            cohort=club.other, account_id=ADA, role=Role.OPERATOR, joined_at=NOW + timedelta(days=1)
        )
        browser = as_principal(ADA)

        member = self.nav_items(browser.get("/nav/", {"cohort": str(club.cohort.id), "at": f"{here}week/"}))
        newest = self.nav_items(as_principal(ADA).get("/nav/"))

        assert list(member) == ["이번 주", "미션", "내 제출", "공지", "검색", "내 정보"]
        assert list(self.nav_items(as_principal(BORIS).get("/nav/"))) == [
            "리뷰",
            "제출",
            "미션",
            "공지",
            "검색",
            "내 정보",
        ]
        assert newest["설정"] == f"/cohorts/{club.other.id}/settings/"
        assert (newest["리뷰"], newest["리뷰 배정"]) == ("/reviews/", f"/cohorts/{club.other.id}/reviewers/")

    @pytest.mark.parametrize(
        "page",
        [
            (OLGA, "", ["개요"]),
            (OLGA, "members/", ["멤버"]),
            (OLGA, "invitations/people/", ["멤버"]),
            (OLGA, "settings/parts/", ["설정"]),
            (OLGA, "hook/", ["PR"]),
            (ADA, "week/", ["이번 주"]),
            (ADA, "leave/", ["내 정보"]),
            (BORIS, "/reviews/", ["리뷰"]),
            (BORIS, "reviews/1/", ["리뷰"]),
            (BORIS, "submissions/", ["제출"]),
            (BORIS, "submissions/1/", ["제출"]),
            (ADA, "/submissions/", ["내 제출"]),
            (ADA, "submissions/1/", ["내 제출"]),
            (BORIS, "/elsewhere/", []),
        ],
    )
    def test_marks_where_the_reader_is(self, club, as_principal, here, page):
        who, at, label = page
        at = at if at.startswith("/") else here + at

        assert (
            self.current(as_principal(who).get("/nav/", {"cohort": str(club.cohort.id), "at": at})) == label
        )

    def test_comes_alone_to_htmx_and_as_a_page_to_others(self, club, as_principal):
        part = as_principal(ADA).get("/nav/", headers=HTMX).content.decode()
        page = as_principal(ADA).get("/nav/").content.decode()

        assert "<!doctype" not in part
        assert "16기" in part
        assert "<!doctype" in page

    def test_of_somebody_in_no_cohort_is_short(self, db, as_principal):
        answer = as_principal(STRANGER).get("/nav/", {"cohort": "nonsense"})

        assert self.nav_items(answer) == {"기수": "/cohorts/"}

    def test_lists_running_cohorts_before_closed_ones_which_say_so(self, club, as_principal, here):
        newest = Membership.objects.create(
            cohort=club.other, account_id=ADA, role=Role.MEMBER, joined_at=NOW + timedelta(days=1)
        )
        Cohort.objects.filter(id=newest.cohort_id).update(closed_at=NOW)

        for headers in (HTMX, {}):
            answer = as_principal(ADA).get("/nav/", headers=headers)
            switcher = answer.content.decode()
            positions = [switcher.index(f'href="{place}"') for place in (here, f"/cohorts/{club.other.id}/")]
            assert positions == sorted(positions)
            assert switcher[positions[1] :].index("종료됨") < switcher[positions[1] :].index("</a>")
            assert switcher.count("종료됨") == 1

    def test_switches_to_no_other_cohort_by_itself(self, club, as_principal, here):
        """A cohort that is newer, or the end of the one that was opened last, changes nothing."""
        browser = as_principal(ADA)
        browser.get(here)

        Membership.objects.create(
            cohort=club.other, account_id=ADA, role=Role.MEMBER, joined_at=NOW + timedelta(days=1)
        )
        Cohort.objects.filter(id=club.cohort.id).update(closed_at=NOW)

        for at in ("/notifications/", "/accounts/profile/", "/cohorts/", "/cohorts/nonsense/"):
            answer = browser.get("/nav/", {"at": at, "cohort": ""}, headers=HTMX)
            assert self.shown_cohort(answer) == [here]
            assert "study_cohort" not in answer.cookies

    def test_shows_the_cohort_in_the_address_of_a_page_that_names_none(self, club, as_principal, here):
        Membership.objects.create(
            cohort=club.other, account_id=ADA, role=Role.MEMBER, joined_at=NOW + timedelta(days=1)
        )
        browser = as_principal(ADA)
        browser.get(f"/cohorts/{club.other.id}/")

        answer = browser.get("/nav/", {"at": f"{here}leave/", "cohort": ""}, headers=HTMX)

        assert self.shown_cohort(answer) == [here]
        assert self.shown_cohort(browser.get("/nav/")) == [here]

    def test_stays_when_a_page_is_of_a_cohort_that_is_not_theirs(self, club, as_principal, here):
        browser = as_principal(ADA)
        browser.get(here)

        answer = browser.get("/nav/", {"at": f"/cohorts/{club.other.id}/", "cohort": ""}, headers=HTMX)

        assert self.shown_cohort(answer) == [here]
        assert "study_cohort" not in answer.cookies

    def test_is_linked_with_the_cohort_of_the_page_for_browsers_without_scripts(
        self, club, as_principal, here
    ):
        page = as_principal(ADA).get(f"{here}week/").content.decode()

        assert page.count(f'href="/nav/?cohort={club.cohort.id}"') == 2

    def test_costs_one_query(self, club, as_principal, django_assert_num_queries):
        browser = as_principal(ADA)

        with django_assert_num_queries(1):
            browser.get("/nav/", headers=HTMX)
