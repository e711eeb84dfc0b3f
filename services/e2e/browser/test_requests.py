"""What members ask operators for, who decide on a page: to join a cohort, and more time on a mission."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import Browser, expect

from browser.demo import Demo
from browser.test_first_hour import fill_criteria
from browser.test_main_job import invite, open_cohort
from browser.test_push import wait_for
from browser.visitor import Visitor, visiting


def test_a_member_is_let_in_and_gets_more_time(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as operator, visiting(browser, demo, size="phone") as member:
        operator.sign_in(demo.address_of("operator"), demo.password)
        member.sign_in(demo.address_of("member"), demo.password)
        cohort = open_cohort(operator, f"17기 {uuid.uuid4().hex[:6]}")
        mission = create_mission(operator, cohort)
        operator.go(f"/cohorts/{cohort}/settings/")
        operator.press(operator.page.locator(f"main a[href='/cohorts/{cohort}/settings/joining/']"))
        operator.press(operator.page.locator("main button[name=is_on][value='1']"))
        _as_mentor, as_member = invite(operator, cohort)

        member.go(as_member)
        member.type_in(message="백엔드를 배우고 싶어요.")
        member.submit("main")
        expect(member.page.locator("main")).to_contain_text("백엔드를 배우고 싶어요.")
        member.go(f"/cohorts/{cohort}/", status=404)
        decide(operator, f"/cohorts/{cohort}/invitations/requests/", "approve")
        expect_notified(member, "가입 신청이 승인됐어요")
        member.go(mission)

        member.press(member.page.locator(f"main a[href='{mission}more-time/']").first)
        member.type_in(reason="시험 기간이에요.")
        member.submit("main form:has([name=reason])")
        expect(member.page.locator("main")).to_contain_text("시험 기간이에요.")
        decide(operator, f"/cohorts/{cohort}/extension-requests/", "grant", hours="48")
        expect_notified(member, "기한이 연장됐어요")
        member.go(mission)
        expect(member.page.locator("main")).to_contain_text("48시간")


def create_mission(operator: Visitor, cohort: str) -> str:
    """Create a mission of this week; return the path of its page."""
    operator.go(f"/cohorts/{cohort}/missions/new/")
    operator.type_in(title="첫 미션", repository=f"club/{cohort[:8]}")
    fill_criteria(operator.page)
    operator.press(operator.page.locator("main form .line > button.btn-primary"))
    assert re.search(rf"/cohorts/{cohort}/missions/[0-9a-f-]{{36}}/$", operator.page.url)
    return operator.path


def decide(operator: Visitor, path: str, decision: str, **fields: str) -> None:
    """Select the only request of a list and decide on it."""
    operator.go(path)
    operator.page.locator("main [name=request_ids]").check()
    operator.type_in(**fields)
    operator.press(operator.page.locator(f"main button[name=decision][value={decision}]"))
    expect(operator.page.locator("main [name=request_ids]")).to_have_count(0)


def expect_notified(member: Visitor, text: str, *, count: int = 1) -> None:
    """Wait until so many of the member's notifications have a text, and check their page."""

    def is_there() -> bool:
        member.page.goto("/notifications/")
        return member.page.locator("main .notification-open", has_text=text).count() >= count

    wait_for(member.page, is_there)
    member.inspect()
