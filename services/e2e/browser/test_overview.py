"""What an operator does in the morning, counted in presses."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from browser.demo import Demo
from browser.presses import LIST, count_presses, presses
from browser.visitor import Visitor, visiting

# What each takes at most, from sign-in or from the page named.
MAX_TO_REMIND, MAX_TO_A_REASON, MAX_TO_GIVE_A_PART = 3, 2, 6


def sign_in(operator: Visitor, demo: Demo) -> None:
    """Sign in; the overview is the page that follows."""
    operator.sign_in(demo.address_of("operator"), demo.password)
    expect(operator.page.locator("#h-attention")).to_be_visible()


def test_everybody_who_missed_a_deadline_is_reminded_by_one_press(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone") as operator:
        count_presses(operator.page)
        sign_in(operator, demo)
        remind = operator.page.locator("form#remind .btn-primary")
        [count] = re.findall(r"\d+", remind.inner_text())
        place = operator.path

        operator.press(remind)

        expect(operator.page.get_by_text(f"{count}명에게")).to_be_visible()
        assert operator.path == place
        expect(remind).to_have_count(0)
        assert presses(operator.page) <= MAX_TO_REMIND


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


def test_why_somebody_in_particular_is_behind_is_found_by_two_presses(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as operator:
        sign_in(operator, demo)
        behind = operator.page.locator(".matrix tbody tr", has=operator.page.locator("td.danger"))
        name = behind.last.locator("th a").inner_text()
        count_presses(operator.page)
        operator.go(operator.path)
        field = operator.page.locator("#m-name")

        field.fill(name)
        field.press("Enter")
        expect(operator.page).to_have_url(re.compile(r"[?&]q=\S"))
        expect(operator.page.locator(".matrix tbody tr")).to_have_count(1)
        operator.press(operator.page.locator(".matrix tbody th a"))

        expect(operator.page.locator("main h1")).to_have_text(name)
        expect(operator.page.locator("main .alert.danger")).to_be_visible()
        assert presses(operator.page) <= MAX_TO_A_REASON


def test_forty_people_are_given_a_part_by_six_presses(browser: Browser, demo: Demo) -> None:
    """In a cohort of its own: nothing is put back."""
    cohort = demo.add_crowd(members=45, missions=1)
    with visiting(browser, demo) as operator:
        operator.sign_in(demo.address_of("operator"), demo.password)
        count_presses(operator.page)
        operator.go(f"/cohorts/{cohort}/members/")
        page = operator.page
        rows = page.locator("#members tbody tr")
        people = rows.count()
        assert people > 40
        before = rows.filter(has_text="프론트엔드").count()
        assert 0 < before < people

        page.locator("main details.card > summary").click()
        page.locator("[data-select-all]").click()
        page.locator("#several [name=part_id]").select_option(label="프론트엔드")
        operator.press(page.locator("#several .btn-primary"))

        expect(page.locator("main")).to_contain_text(f"{people}명")
        expect(rows.filter(has_text="프론트엔드")).to_have_count(people)
        # What was left open stays as it was.
        expect(rows.filter(has_text="운영진")).to_have_count(1)
        assert presses(page) + LIST <= MAX_TO_GIVE_A_PART


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
