"""What an operator does in the morning, counted in presses."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from browser.demo import Demo
from browser.visitor import Visitor, visiting


def sign_in(operator: Visitor, demo: Demo) -> None:
    """Sign in; the overview is the page that follows."""
    operator.sign_in(demo.address_of("operator"), demo.password)
    expect(operator.page.locator("#h-attention")).to_be_visible()


def test_everybody_who_missed_a_deadline_is_reminded_by_one_press(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone") as operator:
        sign_in(operator, demo)
        remind = operator.page.locator("form#remind .btn-primary")
        [count] = re.findall(r"\d+", remind.inner_text())
        place = operator.path

        operator.press(remind)

        expect(operator.page.get_by_text(f"{count}명에게")).to_be_visible()
        assert operator.path == place
        expect(remind).to_have_count(0)


def test_why_a_member_is_behind_is_found_by_one_press(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as operator:
        sign_in(operator, demo)
        first = operator.page.locator(".attention .row-title").first
        name = first.inner_text()

        operator.press(first)

        main = operator.page.locator("main")
        expect(main.locator("h1")).to_have_text(name)
        missing = main.locator(".alert.danger")
        expect(missing).to_be_visible()
        assert main.locator("tr", has_text=missing.inner_text().splitlines()[-1].split(" (")[0]).count()


def test_everybody_shown_is_selected_by_one_press_and_nobody_by_the_next(
    browser: Browser, demo: Demo
) -> None:
    with visiting(browser, demo) as operator:
        sign_in(operator, demo)
        operator.go(f"{operator.path}members/?part=&q=")
        page = operator.page
        page.locator("main details.card > summary").click()
        page.locator("[data-select-all]").click()
        boxes = page.locator("input[name=membership_ids]")
        assert boxes.count() > 40
        assert page.locator("input[name=membership_ids]:checked").count() == boxes.count()
        page.locator("[data-select-all]").click()
        assert page.locator("input[name=membership_ids]:checked").count() == 0


def test_the_problems_of_the_matrix_are_one_tab_stop_and_arrows_move_among_them(
    browser: Browser, demo: Demo
) -> None:
    with visiting(browser, demo) as operator:
        sign_in(operator, demo)
        page = operator.page
        links = page.locator(".matrix td a")
        assert links.count() > 2
        assert page.locator(".matrix td a[tabindex='0']").count() == 1
        links.first.focus()
        for key in ("ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
            page.keyboard.press(key)
            assert page.evaluate("document.activeElement.matches('.matrix td a')")
        page.keyboard.press("ArrowDown")
        moved = page.evaluate("document.activeElement.getAttribute('href')")
        assert moved != links.first.get_attribute("href")
        assert page.locator(".matrix td a[tabindex='0']").count() == 1


def test_the_matrix_is_filtered_where_it_is(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as operator:
        sign_in(operator, demo)
        page = operator.page
        everybody = page.locator(".matrix tbody tr").count()

        page.locator("[name=problems]").check()

        expect(page).to_have_url(re.compile("problems=1"))
        operator.inspect()
        assert 0 < page.locator(".matrix tbody tr").count() < everybody
        expect(page.locator("#h-attention")).to_be_visible()
