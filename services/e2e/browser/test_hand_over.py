"""The only operator of a cohort hands it over, then closes the account: users asks study."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Browser, expect

from browser.demo import PATIENCE, Demo
from browser.test_main_job import PASSWORD, open_cohort, open_membership, sign_up
from browser.visitor import SIZES, Visitor, visiting


@pytest.mark.parametrize("size", SIZES)
def test_an_account_closes_once_somebody_else_runs_the_cohort(
    browser: Browser, demo: Demo, size: str
) -> None:
    run = uuid.uuid4().hex[:6]
    title = f"17기 {run}"
    with (
        visiting(browser, demo, size=size) as founder,
        visiting(browser, demo, size=size) as leaver,
        visiting(browser, demo, size=size) as member,
    ):
        founder.sign_in(demo.address_of("operator"), demo.password)
        cohort = open_cohort(founder, title)
        sign_up(leaver, f"leaver-{run}@example.org", link(founder, cohort, "operator"))
        member.sign_in(demo.address_of("member"), demo.password)
        member.go(link(founder, cohort, "member"))
        # The invitation has no part, so the new member chooses one.
        member.page.get_by_label("frontend").check()
        member.submit("main")
        assert f"/cohorts/{cohort}/" in member.page.url
        founder.go(f"/cohorts/{cohort}/leave/")
        founder.submit()

        leaver.go("/accounts/close/")
        expect(leaver.page.locator("main")).to_contain_text(title)
        assert not leaver.page.locator("main input[type=password]").count()
        leaver.press(leaver.page.locator("main a", has_text=title))
        name_successor(leaver, cohort)

        leaver.go("/accounts/close/")
        leaver.type_in(password=PASSWORD)
        leaver.submit("#confirm")
        assert "/accounts/closed/" in leaver.page.url

        member.go(f"/cohorts/{cohort}/settings/")
        # The event arrives later.
        people = member.page.locator("main tbody tr")
        for _ in range(PATIENCE):
            member.go(f"/cohorts/{cohort}/members/")
            if people.count() == 1:
                break
            member.page.wait_for_timeout(1000)
        expect(people).to_have_count(1)


def link(operator: Visitor, cohort: str, role: str) -> str:
    """Create an invitation with a role and no part; return its path."""
    operator.go(f"/cohorts/{cohort}/invitations/")
    operator.page.locator(f"main input[name=role][value={role}]").check()
    operator.submit()
    newest = operator.page.locator("main input[readonly]").first
    return newest.input_value().removeprefix(operator.demo.url)


def name_successor(operator: Visitor, cohort: str) -> None:
    """Make the cohort's member its operator, on the list of members."""
    assert operator.path == f"/cohorts/{cohort}/members/"
    row = operator.page.locator("main tbody tr", has_text="frontend")
    open_membership(operator, row.locator("th a"))
    operator.page.locator("main input[name=role][value=operator]").check()
    operator.submit()
