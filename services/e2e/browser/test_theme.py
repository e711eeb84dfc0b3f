"""The theme: chosen in the account menu, on every page of every service, before and after signing in."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from browser.demo import Demo
from browser.visitor import Visitor, visiting

LIGHT, DARK = "rgb(246, 244, 238)", "rgb(22, 20, 16)"
# A page of each service.
PAGES = ("/", "/accounts/profile/", "/notifications/")


def ground(page: Page) -> str:
    color: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return color


def choose(visitor: Visitor, theme: str) -> None:
    page = visitor.page
    page.locator("header .menu:has(.themes) > summary").click()
    page.locator(f"header button[name=theme][value={theme}]").click()


def test_a_theme_is_shown_at_once_and_holds_on_every_service(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as member:
        member.sign_in(demo.address_of("member"), demo.password)
        member.wait_until_idle()
        assert ground(member.page) == LIGHT
        loads: list[str] = []
        member.page.on("framenavigated", lambda frame: loads.append(frame.url))
        with member.page.expect_response("**/accounts/theme/") as answer:
            choose(member, "dark")
        assert (answer.value.status, ground(member.page), loads) == (204, DARK, [])
        expect(member.page.locator("header button[name=theme][aria-current]")).to_have_attribute(
            "value", "dark"
        )
        assert member.page.locator("meta[name=color-scheme]").get_attribute("content") == "dark"

        for path in PAGES:
            # Before any script: the document says so itself.
            assert 'data-theme="dark"' in member.context.request.get(path).text()
            member.page.goto(path)
            assert ground(member.page) == DARK
        member.page.reload()
        assert ground(member.page) == DARK

        with member.page.expect_response("**/accounts/theme/"):
            choose(member, "system")
        assert ground(member.page) == LIGHT
        member.page.emulate_media(color_scheme="dark")
        assert ground(member.page) == DARK


def test_a_choice_that_is_not_saved_is_taken_back(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as member:
        member.sign_in(demo.address_of("member"), demo.password)
        member.page.route("**/accounts/theme/", lambda route: route.abort())
        choose(member, "dark")
        expect(member.page.locator("#toasts")).not_to_be_empty()
        assert ground(member.page) == LIGHT


def test_a_page_in_the_browser_s_history_follows_the_choice(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as stranger:
        stranger.go("/")
        stranger.go("/accounts/login/")
        stranger.press(stranger.page.locator("button[name=language][value=ko]"))
        with stranger.page.expect_response("**/accounts/theme/"):
            stranger.page.locator("button[name=theme][value=dark]").click()
        stranger.page.go_back()
        stranger.page.go_back()
        expect(stranger.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_stranger_chooses_a_theme_without_javascript(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone", scripts=False) as stranger:
        stranger.go("/accounts/login/?next=%2Fnotifications%2F")
        stranger.press(stranger.page.locator("button[name=theme][value=dark]"))
        assert stranger.page.url.endswith("/accounts/login/?next=%2Fnotifications%2F")
        expect(stranger.page.locator("html")).to_have_attribute("data-theme", "dark")
        stranger.go("/")
        expect(stranger.page.locator("html")).to_have_attribute("data-theme", "dark")
