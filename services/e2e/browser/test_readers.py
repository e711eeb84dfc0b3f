"""Operators see who has opened an announcement, and remind the others, who are notified."""

from __future__ import annotations

import uuid

from playwright.sync_api import Browser, expect

from browser.demo import Demo
from browser.test_main_job import invite, join, open_cohort
from browser.test_requests import expect_notified
from browser.visitor import visiting


def test_who_has_not_opened_an_announcement_is_reminded_and_who_has_is_counted(
    browser: Browser, demo: Demo
) -> None:
    title = f"첫 모임 {uuid.uuid4().hex[:6]}"
    with visiting(browser, demo) as operator, visiting(browser, demo, size="phone") as member:
        operator.sign_in(demo.address_of("operator"), demo.password)
        member.sign_in(demo.address_of("member"), demo.password)
        cohort = open_cohort(operator, f"19기 {title[-6:]}")
        _as_mentor, as_member = invite(operator, cohort)
        join(member, as_member)

        operator.go(f"/cohorts/{cohort}/announcements/new/")
        operator.type_in(title=title, body="금요일 7시에 만나요.")
        operator.press(operator.page.locator("main button[name=preview]"))
        operator.press(operator.page.locator("main button[name=publish]"))
        announcement = operator.path
        expect(operator.page.locator("main")).to_contain_text("1명 중 0명")
        expect_notified(member, title)

        operator.press(operator.page.locator(f"main a[href='{announcement}readers/']"))
        expect(operator.page.locator(f"main a[href='{announcement}remind/']")).to_be_visible()
        operator.go(f"{announcement}remind/")
        operator.submit()
        expect(operator.page.locator("main")).to_contain_text("오늘 알렸어요")
        expect_notified(member, title, count=2)

        member.go(announcement)
        operator.go(announcement)
        expect(operator.page.locator("main")).to_contain_text("1명 중 1명")
