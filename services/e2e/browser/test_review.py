"""The review page: the code first, everything by few presses, and no text is lost."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser.demo import PATIENCE, Demo
from browser.visitor import Visitor, visiting

SAVED = "form#review [data-draft]:has-text('저장했어요')"
COMMENT = "main [name=comment]"


def opened(
    browser: Browser, demo: Demo, size: str = "desktop", account: str = "mentor2"
) -> Iterator[Visitor]:
    """A mentor whose queue the other tests leave alone, at its oldest submission."""
    with visiting(browser, demo, size=size) as visitor:
        visitor.sign_in(f"{account}@example.org", demo.password)
        visitor.go("/reviews/")
        visitor.press(visitor.page.locator("main a.row").first)
        yield visitor


@pytest.fixture
def mentor(browser: Browser, demo: Demo) -> Iterator[Visitor]:
    yield from opened(browser, demo)


@pytest.fixture
def on_a_phone(browser: Browser, demo: Demo) -> Iterator[Visitor]:
    yield from opened(browser, demo, "phone")


@pytest.fixture
def with_a_queue_of_their_own(browser: Browser, demo: Demo) -> Iterator[Visitor]:
    yield from opened(browser, demo, account="mentor3")


def test_the_code_is_beside_the_rubric_in_the_first_screen(mentor: Visitor) -> None:
    code = mentor.page.locator("#code").bounding_box()
    diff = mentor.page.locator("#code .diff").first.bounding_box()
    rubric = mentor.page.locator("#rubric").bounding_box()
    send = mentor.page.locator(".send-bar").bounding_box()
    assert code
    assert diff
    assert rubric
    assert send

    assert diff["y"] < 700
    assert diff["x"] + diff["width"] <= rubric["x"]
    assert code["width"] / (rubric["x"] + rubric["width"] - code["x"]) >= 0.6
    assert send["y"] + send["height"] <= 900
    expect(mentor.page.locator("#code .k").first).to_be_visible()


def test_submissions_are_reviewed_by_six_presses_each(with_a_queue_of_their_own: Visitor) -> None:
    mentor = with_a_queue_of_their_own
    page = mentor.page
    waiting = [mentor.path]
    for _ in range(5):
        presses = page.locator("main fieldset.criterion").count() + 1
        assert presses <= 6
        for _criterion in range(presses - 1):
            page.keyboard.press("4")
        expect(page.locator("[data-total]")).to_have_text(str(4 * (presses - 1)))
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        mentor.inspect()
        assert mentor.path not in waiting, "sent again to one that was reviewed"
        waiting.append(mentor.path)
        if not page.locator("main fieldset.criterion").count():
            break
    # The demo gives each mentor at least three.
    assert len(waiting) >= 4


def test_a_line_is_commented_in_place_by_keyboard(mentor: Visitor) -> None:
    page, text = mentor.page, f"이름이 좋아요 {uuid.uuid4().hex[:6]}"
    here = page.url
    page.keyboard.press("n")
    link = page.locator("#code .diff tr:not(.said) td > a[tabindex='0']").nth(1)
    link.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".said textarea")).to_be_focused()
    mentor.inspect()

    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")

    expect(page.locator(".said .comment", has_text=text)).to_be_visible()
    expect(page.locator(".said textarea")).to_have_count(0)
    assert page.url == here
    assert page.evaluate("document.activeElement.matches('.diff td > a')"), "the focus is lost"
    page.reload()
    expect(page.locator("#code .said .comment", has_text=text)).to_be_visible()


def test_the_keys_are_listed_and_can_be_turned_off(mentor: Visitor) -> None:
    page = mentor.page
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    mentor.inspect()
    page.locator("#single-keys").uncheck()
    page.keyboard.press("Escape")

    page.keyboard.press("c")
    expect(page.locator(COMMENT)).not_to_be_focused()

    page.locator("button[data-key='?']").click()
    page.locator("#single-keys").check()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.locator(COMMENT)).to_be_focused()


def test_what_is_typed_without_a_connection_survives_the_window(mentor: Visitor) -> None:
    here, text = mentor.path, f"지하철에서 쓴 글 {uuid.uuid4().hex[:6]}"
    mentor.context.set_offline(True)
    mentor.page.locator(COMMENT).fill(text)
    expect(mentor.page.locator("form#review [data-draft]")).to_contain_text("이 브라우저에 두었다가")
    mentor.page.close()
    mentor.context.set_offline(False)

    mentor.page = mentor.open_tab()
    mentor.go(here)

    expect(mentor.page.locator(COMMENT)).to_have_value(text)
    expect(mentor.page.locator(SAVED)).to_be_visible(timeout=PATIENCE * 1000)
    mentor.page.evaluate("localStorage.clear()")
    mentor.page.reload()
    expect(mentor.page.locator(COMMENT)).to_have_value(text)


def test_a_second_tab_sees_what_is_typed_and_goes_on(mentor: Visitor) -> None:
    first, run = mentor.page, uuid.uuid4().hex[:6]
    mentor.page = mentor.open_tab()
    mentor.go(re.sub("#.*", "", first.url))
    second = mentor.page

    first.locator(COMMENT).fill(f"첫째 탭 {run}")
    expect(second.locator(COMMENT)).to_have_value(f"첫째 탭 {run}")
    expect(first.locator(SAVED)).to_be_visible()

    second.locator(COMMENT).fill(f"둘째 탭 {run}")
    expect(second.locator(SAVED)).to_be_visible(timeout=PATIENCE * 1000)
    expect(first.locator(COMMENT)).to_have_value(f"둘째 탭 {run}")


def test_on_a_phone_each_part_has_a_tab_and_the_bar_stays(on_a_phone: Visitor) -> None:
    page = on_a_phone.page
    for tab, what in (
        ("timeline", "#timeline .timeline"),
        ("queue", "#queue li"),
        ("rubric", "#rubric fieldset.criterion"),
        ("code", "#code .diff"),
    ):
        page.locator(f".pane-tabs a[href='#{tab}']").click()
        expect(page.locator(what).first).to_be_visible()
        expect(page.locator(".pane:visible")).to_have_count(1)
        expect(page.locator(f".pane-tabs a[href='#{tab}']")).to_have_attribute("aria-current", "true")
        expect(page.locator("main button[name=release]")).to_be_in_viewport()
        on_a_phone.inspect()
    # An error leads to the rubric.
    on_a_phone.press(page.locator("main button[name=release]"), status=422)
    expect(page.locator("#rubric #errors")).to_be_visible()
