"""An organizer makes a rubric of three criteria and four levels, in place."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from browser.demo import Demo
from browser.test_keyboard import tab_to
from browser.visitor import Visitor, visiting

LABELS = ("모두", "대부분", "일부", "부족")


def open_new_mission(visitor: Visitor) -> None:
    visitor.sign_in(visitor.demo.address_of("operator"), visitor.demo.password)
    visitor.go("/")
    visitor.go(f"{visitor.path}missions/new/")
    # The demo begins with the rubric of the newest mission.
    page = visitor.page
    while (rows := page.locator(".rubric-table tbody tr")).count():
        left = rows.count() - 1
        page.locator("button[name=rubric][value=remove-0]").click()
        expect(page.locator(".rubric-table tbody tr")).to_have_count(left)


def cell(criterion: int, level: int, name: str) -> str:
    return f"[name=criteria-{criterion}-levels-{level}-{name}]"


def assert_is_there(page: Page) -> None:
    expect(page.locator(".rubric-table tbody tr")).to_have_count(3)
    expect(page.locator(".rubric-table thead th")).to_have_count(6)
    assert page.locator(cell(2, 3, "label")).input_value() == "부족"
    assert page.locator("[name=criteria-2-title]").input_value() == "평가 3"


def test_by_keyboard_the_focus_goes_to_what_was_added(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as operator:
        open_new_mission(operator)
        page = operator.page
        page.locator("[name=body]").focus()
        for c in range(3):
            tab_to(page, "button[name=rubric][value=add]")
            page.keyboard.press("Enter")
            expect(page.locator(f"[name=criteria-{c}-title]")).to_be_focused()
            page.keyboard.type(f"평가 {c + 1}")
            tab_to(page, f"button[value=add-{c}]")
            page.keyboard.press("Enter")
            expect(page.locator(cell(c, 3, "points"))).to_be_focused()
            page.keyboard.type("1")
            page.keyboard.press("Shift+Tab")
            for n, label in enumerate(LABELS):
                page.locator(cell(c, n, "label")).focus()
                page.keyboard.type(label)
        assert_is_there(page)
        expect(page.locator("#rubric-total")).to_contain_text("12")
        page.locator(cell(0, 0, "points")).fill("5")
        page.keyboard.press("Tab")
        expect(page.locator("#rubric-total")).to_contain_text("13")
        operator.inspect()
        tab_to(page, "button[value=up-2]")
        page.keyboard.press("Enter")
        expect(page.locator("[name=criteria-1-title]")).to_have_value("평가 3")
        expect(page.locator("[name=criteria-1-title]")).to_be_focused()


def test_without_scripts_what_was_typed_stays(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone", scripts=False) as operator:
        open_new_mission(operator)
        page = operator.page
        page.fill("[name=title]", "스크립트 없는 미션")
        for c in range(3):
            operator.press(page.locator("button[name=rubric][value=add]"))
            page.fill(f"[name=criteria-{c}-title]", f"평가 {c + 1}")
            operator.press(page.locator(f"button[value=add-{c}]"))
            page.fill(cell(c, 3, "points"), "1")
            for n, label in enumerate(LABELS):
                page.fill(cell(c, n, "label"), label)
        operator.press(page.locator("button[value=down-0]"))
        operator.press(page.locator("button[value=up-1]"))
        assert_is_there(page)
        assert page.locator("[name=title]").input_value() == "스크립트 없는 미션"
