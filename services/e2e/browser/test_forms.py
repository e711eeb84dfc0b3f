"""Form input survives an expired token, an ended session and a second tab."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser.demo import Demo
from browser.visitor import Visitor, visiting

TOKEN = "seodang"
SESSION = "users_session"


@pytest.fixture
def operator(browser: Browser, demo: Demo) -> Iterator[Visitor]:
    with visiting(browser, demo, size="phone") as visitor:
        visitor.sign_in(demo.address_of("operator"), demo.password)
        yield visitor


def half_filled(operator: Visitor) -> str:
    """Fill the form of a new cohort; return its title."""
    title = f"반쯤 쓴 기수 {uuid.uuid4().hex[:6]}"
    operator.go("/cohorts/new/")
    operator.type_in(title=title, parts="기획\n디자인", first_day="2026-11-23", weeks="4")
    return title


def test_an_expired_token_loses_nothing_typed(operator: Visitor) -> None:
    title = half_filled(operator)
    operator.context.clear_cookies(name=TOKEN)

    operator.submit()

    assert "/cohorts/new/" not in operator.page.url
    expect(operator.page.locator("body")).to_contain_text(title)


def test_an_ended_session_loses_nothing_typed(operator: Visitor) -> None:
    title = half_filled(operator)
    operator.context.clear_cookies(name=TOKEN)
    operator.context.clear_cookies(name=SESSION)
    operator.submit(status=401)

    # The input stays on the page while the user signs in in another tab.
    first = operator.page
    operator.page = operator.open_tab()
    operator.sign_in(operator.demo.address_of("operator"), operator.demo.password)
    operator.page.close()
    operator.page = first
    operator.submit("main")

    expect(operator.page.locator("body")).to_contain_text(title)


def test_signing_in_anew_in_a_second_tab_spoils_no_form_in_the_first(operator: Visitor) -> None:
    title = half_filled(operator)
    first = operator.page

    operator.page = operator.open_tab()
    operator.go("/accounts/logout/")
    operator.submit()
    operator.sign_in(operator.demo.address_of("operator"), operator.demo.password)
    operator.page.close()
    operator.page = first
    operator.submit()

    assert "/cohorts/new/" not in operator.page.url
    expect(operator.page.locator("body")).to_contain_text(title)


def test_a_refused_form_keeps_what_was_typed_and_takes_the_focus_to_what_is_wrong(operator: Visitor) -> None:
    title = half_filled(operator)
    operator.type_in(weeks="400")

    operator.submit(status=422)

    expect(operator.page.locator("main [name=title]")).to_have_value(title)
    expect(operator.page.locator("main [name=weeks]")).to_have_attribute("aria-invalid", "true")
    assert operator.page.evaluate("document.activeElement.closest('[role=alert], .alert') !== null")
