"""Beside the form of a mission is what members will see, as it is typed; on a phone after a press."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from browser.demo import Demo
from browser.visitor import Visitor, visiting

BODY = "# 목표\n\n- 조회를 **빠르게**"


def open_new_mission(visitor: Visitor) -> None:
    visitor.sign_in(visitor.demo.address_of("operator"), visitor.demo.password)
    visitor.go("/")
    visitor.go(f"{visitor.path}missions/new/")


def test_on_a_wide_page_it_follows_what_is_typed(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as operator:
        open_new_mission(operator)
        page = operator.page
        preview = page.locator("#preview")
        page.fill("[name=title]", "캐시")
        page.locator("[name=body]").focus()
        page.keyboard.insert_text(BODY)
        expect(preview.locator("strong")).to_have_text("빠르게")
        expect(preview).to_contain_text("캐시")
        # Beside the text, which keeps focus and place.
        expect(page.locator("[name=body]")).to_be_focused()
        form, shown = page.locator(".with-preview > .form").bounding_box(), preview.bounding_box()
        assert form is not None
        assert shown is not None
        assert form["x"] + form["width"] <= shown["x"]
        expect(page.locator("button[name=preview]")).to_be_hidden()
        page.keyboard.insert_text("\n\n그리고 [링크](https://example.com/)")
        expect(preview.locator(".prose a")).to_have_text("링크")
        assert page.locator("[name=body]").input_value().startswith(BODY)
        operator.inspect()


def test_on_a_phone_it_is_a_press_away(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone") as operator:
        open_new_mission(operator)
        page = operator.page
        preview, button = page.locator("#preview"), page.locator("button[name=preview]")
        page.fill("[name=body]", BODY)
        expect(preview).to_be_hidden()
        button.click()
        expect(preview).to_be_visible()
        expect(preview.locator("strong")).to_have_text("빠르게")
        expect(button).to_be_focused()
        expect(page.locator("#announcer")).to_have_text("멤버에게 보이는 화면")
        # From then on it follows.
        page.fill("[name=body]", "**천천히**")
        expect(preview.locator("strong")).to_have_text("천천히")
        operator.inspect()


def test_without_scripts_everything_typed_comes_back_with_it(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone", scripts=False) as operator:
        open_new_mission(operator)
        page = operator.page
        page.fill("[name=title]", "스크립트 없는 미션")
        page.fill("[name=body]", BODY)
        page.locator("[name=part_id]").select_option(index=1)
        page.fill("[name=criteria-0-title]", "평가 1")
        operator.press(page.locator("button[name=preview]"))
        expect(page.locator("#preview strong")).to_have_text("빠르게")
        assert page.url.endswith("/missions/new/#preview")
        assert page.locator("[name=title]").input_value() == "스크립트 없는 미션"
        assert page.locator("[name=body]").input_value() == BODY
        assert page.locator("[name=part_id]").input_value()
        assert page.locator("[name=criteria-0-title]").input_value() == "평가 1"
