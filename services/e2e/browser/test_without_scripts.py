"""The main pages without JavaScript."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from browser.demo import Demo
from browser.visitor import visiting


def test_a_member_sees_what_they_handed_in(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone", scripts=False) as member:
        member.sign_in(demo.address_of("member"), demo.password)
        member.go("/submissions/")
        member.press(member.page.locator("main a[href*='/submissions/']").first)
        expect(member.page.locator("main .timeline").first).to_be_visible()


def test_the_menu_and_the_inbox_are_links(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone", scripts=False) as member:
        member.sign_in(demo.address_of("member"), demo.password)
        member.press(member.page.locator("header a[href^='/nav/']"))
        assert member.page.locator("main a").count() >= 3
        member.press(member.page.locator("header a[href='/notifications/']"))
        expect(member.page.locator("h1")).to_be_visible()


def test_a_mentor_releases_a_review(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, scripts=False) as mentor:
        mentor.sign_in(demo.address_of("mentor"), demo.password)
        mentor.go("/reviews/")
        mentor.press(mentor.page.locator("main a.row").first)
        path = mentor.path
        for criterion in mentor.page.locator("main fieldset.criterion").all():
            criterion.locator("input[type=radio]").last.check(force=True)
        mentor.type_in(comment="스크립트 없이 보냅니다.")
        mentor.press(mentor.page.locator("main button[name=release]"))
        assert mentor.path != path
        mentor.go("/reviews/?show=done")
        assert mentor.page.locator(f"main a[href='{path}']").count()


def test_the_language_is_switched_by_a_button(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone", scripts=False) as stranger:
        stranger.go("/accounts/login/")
        stranger.press(stranger.page.locator("button[name=language][value=en]").first)
        expect(stranger.page.locator("html")).to_have_attribute("lang", "en")
        assert "/accounts/login/" in stranger.page.url


def test_the_landing_page_is_read_in_either_language(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone", scripts=False) as stranger:
        for language, words in (("en", "Organizers"), ("ko", "운영진")):
            stranger.go("/")
            stranger.page.locator("header summary").click()
            stranger.press(stranger.page.locator(f"header button[name=language][value={language}]"))
            assert stranger.path == "/"
            expect(stranger.page.locator("main")).to_contain_text(words)


def test_the_menu_is_that_of_the_cohort_of_the_page(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone", scripts=False) as member:
        member.sign_in(demo.address_of("member"), demo.password)
        member.press(member.page.locator("header a[href^='/nav/?cohort=']"))
        expect(member.page.locator("main a[aria-current]")).to_have_count(1)
