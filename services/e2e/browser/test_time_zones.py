"""Times on the pages of a cohort whose reader has another clock."""

from __future__ import annotations

from playwright.sync_api import Browser

from browser.demo import Demo
from browser.visitor import Visitor, visiting


def set_zone(visitor: Visitor, zone: str) -> None:
    visitor.go("/accounts/profile/")
    visitor.page.locator("main select[name=time_zone]").select_option(zone)
    visitor.submit()


def test_times_name_their_zone_to_somebody_abroad(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as member:
        member.sign_in(demo.address_of("member"), demo.password)
        # The cohort opened last may be one that another test has just begun.
        member.go("/cohorts/")
        member.press(member.page.locator("main a", has_text="느티 16기"))
        sample = member.path
        set_zone(member, "Asia/Tokyo")
        member.go(sample)
        times = member.page.locator("main time")
        at_home = times.all_inner_texts()
        set_zone(member, "Asia/Kolkata")
        try:
            member.go(sample)
            abroad = times.all_inner_texts()
        finally:
            set_zone(member, "Asia/Seoul")

        assert not [text for text in at_home if "JST" in text]
        assert [text for text in abroad if text.endswith("IST")]
