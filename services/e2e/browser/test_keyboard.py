"""Sign in and review with the keyboard only."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from browser.demo import Demo
from browser.visitor import Visitor, visiting

_RING = """
() => {
  const style = getComputedStyle(document.activeElement);
  const label = document.activeElement.closest('label');
  const around = label ? getComputedStyle(label) : style;
  const lined = one => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) > 0;
  return [style, around].some(one => lined(one) || one.boxShadow !== 'none');
}
"""


def tab_to(page: Page, selector: str, *, limit: int = 80) -> None:
    """Press Tab until the element has the focus; check at each step that the focus is visible."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement !== document.body"):
            assert page.evaluate(_RING), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {limit} tabs")


def sign_in_by_keyboard(visitor: Visitor, address: str) -> None:
    visitor.go("/accounts/login/")
    tab_to(visitor.page, "[name=login]")
    visitor.page.keyboard.type(address)
    tab_to(visitor.page, "[name=password]")
    visitor.page.keyboard.type(visitor.demo.password)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.wait_until_idle()


def test_the_first_tab_offers_to_skip_to_the_content(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as visitor:
        sign_in_by_keyboard(visitor, demo.address_of("member"))
        visitor.go("/")
        visitor.page.keyboard.press("Tab")
        skip = visitor.page.locator("a.skip")
        expect(skip).to_be_focused()
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("#main")).to_be_focused()


def test_the_landing_page_leads_to_the_sign_in_by_keyboard(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as visitor:
        visitor.go("/")
        tab_to(visitor.page, "header summary", limit=4)
        tab_to(visitor.page, "main a[href='/accounts/login/']", limit=4)
        with visitor.page.expect_navigation():
            visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("[name=login]")).to_be_visible()


def test_a_review_is_released_by_keyboard(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as visitor:
        sign_in_by_keyboard(visitor, demo.address_of("mentor"))
        visitor.go("/reviews/")
        tab_to(visitor.page, "main a.row")
        with visitor.page.expect_navigation():
            visitor.page.keyboard.press("Enter")
        visitor.wait_until_idle()
        path = visitor.path
        for number in range(visitor.page.locator("main fieldset.criterion").count()):
            tab_to(visitor.page, f"main fieldset.criterion:nth-of-type({number + 1}) input[type=radio]")
            visitor.page.keyboard.press("ArrowDown")
        tab_to(visitor.page, "main [name=comment]")
        visitor.page.keyboard.type("키보드만으로 씁니다.")
        tab_to(visitor.page, "main button[name=release]")
        with visitor.page.expect_navigation():
            visitor.page.keyboard.press("Enter")
        visitor.inspect()
        assert visitor.path != path


def test_a_question_in_a_dialog_is_left_by_escape(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as visitor:
        sign_in_by_keyboard(visitor, demo.address_of("member"))
        visitor.press(visitor.page.locator("nav a[href$='/me/']").first)
        link = visitor.page.locator("main a[data-confirm]").first
        link.focus()
        visitor.page.keyboard.press("Enter")
        dialog = visitor.page.locator("#dialog")
        expect(dialog).to_be_visible()
        visitor.inspect()
        visitor.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(link).to_be_focused()
