"""What was done is said, can be undone and closed; what htmx swaps keeps the focus and is announced."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from browser.demo import Demo
from browser.visitor import Visitor, visiting

UNDO = "[data-message] [data-undo] button"


def open_cohort(visitor: Visitor, path: str) -> Page:
    visitor.sign_in(visitor.demo.address_of("operator"), visitor.demo.password)
    visitor.go("/")
    visitor.go(f"{visitor.path}{path}")
    return visitor.page


def move_somebody(visitor: Visitor) -> tuple[str, str]:
    """Move a member to another part. Return the name and the part until then."""
    page = visitor.page
    row = page.locator("#members tbody tr").first
    name, part = row.locator("th a").inner_text(), row.locator("td").nth(1).inner_text().strip()
    row.locator("input[name=membership_ids]").check()
    page.locator("details:has(#several) > summary").click()
    choice = page.locator("#several select[name=part_id]")
    parts = [text.strip() for text in choice.locator("option").all_inner_texts()]
    choice.select_option(label=next(text for text in parts[2:] if text != part))
    visitor.press(page.locator("#several button:not([type=button])"))
    return name, part


def part_of(page: Page, name: str) -> Locator:
    return page.locator("#members tbody tr", has_text=name).first.locator("td").nth(1)


@pytest.mark.parametrize(("size", "scripts"), [("desktop", True), ("phone", True), ("phone", False)])
def test_a_change_of_several_members_is_undone(
    browser: Browser, demo: Demo, size: str, scripts: bool
) -> None:
    with visiting(browser, demo, size=size, scripts=scripts) as operator:
        page = open_cohort(operator, "members/")
        name, part = move_somebody(operator)
        expect(part_of(page, name)).not_to_have_text(part)
        expect(page.locator("[role=status] [data-message] p")).to_be_visible()
        # A repetition, such as a second press, says the same.
        undo = page.locator(UNDO)
        path = page.locator("[data-undo]").get_attribute("action")
        operator.press(undo)
        expect(part_of(page, name)).to_have_text(part)
        expect(page.locator("[data-message] p")).to_contain_text("되돌렸어요")
        expect(page.locator(UNDO)).to_have_count(0)
        assert str(path).endswith("/undo/")


def test_a_message_is_spoken_after_the_page_has_come_and_closed_by_keyboard(
    browser: Browser, demo: Demo
) -> None:
    with visiting(browser, demo) as operator:
        page = open_cohort(operator, "members/")
        move_somebody(operator)
        notices = page.locator(".notices[role=status]")
        # What is put into a live region is spoken; nothing of it is lost.
        spoken = page.evaluate(
            """() => new Promise((done) => {
              const region = document.querySelector('.notices');
              new MutationObserver(() => done(region.innerText)).observe(region, { childList: true });
              window.dispatchEvent(new PageTransitionEvent('pageshow'));
            })"""
        )
        assert "변경" in spoken or "명" in spoken
        notices.locator("[data-close-message]").focus()
        page.keyboard.press("Escape")
        expect(notices).to_have_count(0)
        expect(page.locator("#main")).to_be_focused()


def test_a_toast_stays_while_it_is_pointed_at_or_undoes_something(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as operator:
        operator.page.clock.install()
        page = open_cohort(operator, "members/")
        toast = page.locator("#toasts [data-message]")
        say = "text => document.dispatchEvent(new CustomEvent('toast', { detail: { value: text } }))"
        page.evaluate(say, "복사했어요")
        toast.hover()
        page.clock.run_for(20_000)
        expect(toast).to_have_text("복사했어요 메시지 닫기", use_inner_text=False)
        page.mouse.move(5, 5)
        page.clock.run_for(9_000)
        expect(toast).to_have_count(0)

        page.evaluate(say, "복사했어요")
        toast.locator("button").focus()
        page.clock.run_for(20_000)
        expect(toast).to_have_count(1)
        page.keyboard.press("Enter")
        expect(toast).to_have_count(0)


def test_a_pull_request_leaves_the_list_and_comes_back(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as operator:
        page = open_cohort(operator, "pulls/")
        rows = page.locator(".match")
        count, title = rows.count(), rows.first.locator(".row-title").inner_text()
        assert count > 1, "the demo has several unmatched pull requests"
        shift_before = page.locator("h1").bounding_box()
        rows.first.locator("[data-leaves]").focus()
        page.keyboard.press("Enter")
        expect(rows).to_have_count(count - 1)
        # The next row's button has the focus, and nothing above has moved.
        expect(rows.first.locator("[data-leaves]")).to_be_focused()
        assert page.locator("h1").bounding_box() == shift_before
        toast = page.locator("#toasts[role=status] [data-message]")
        expect(toast).to_contain_text("제외했어요")
        operator.inspect()
        operator.press(toast.locator("[data-undo] button"))
        expect(rows).to_have_count(count)
        expect(rows.first.locator(".row-title")).to_have_text(title)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_row_that_leaves_moves_only_where_motion_is_wanted(
    browser: Browser, demo: Demo, motion: str
) -> None:
    with visiting(browser, demo) as operator:
        page = open_cohort(operator, "pulls/")
        page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
        page.evaluate("document.querySelector('.match').classList.add('htmx-swapping')")
        page.evaluate("document.dispatchEvent(new CustomEvent('toast', { detail: { value: '했어요' } }))")
        expect(page.locator("#toasts [data-message]")).to_be_visible()
        durations = page.evaluate(
            """() => ['.match.htmx-swapping', '#toasts .toast'].map((selector) => {
              const style = getComputedStyle(document.querySelector(selector));
              return style.animationName === 'none' ? 0 : parseFloat(style.animationDuration);
            })"""
        )
        assert durations == ([0, 0] if motion == "reduce" else [0.15, 0.15])


def test_a_search_keeps_the_focus_and_says_how_many_it_found(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as operator:
        page = open_cohort(operator, "members/")
        page.locator("#q").fill("없는 사람")
        page.keyboard.press("Enter")
        expect(page.locator("#announcer")).to_have_text("0명을 찾았어요")
        expect(page.locator("#q")).to_be_focused()
        operator.go("/")
        tick = page.locator("#matrix input[name=problems]")
        tick.focus()
        page.keyboard.press("Space")
        expect(page.locator("#announcer")).to_contain_text("명")
        expect(tick).to_be_focused()
        expect(tick).to_be_checked()


def test_a_fragment_that_renews_itself_keeps_the_focus(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as operator:
        page = open_cohort(operator, "members/")
        # Of a link in it, and of nothing that is still there.
        link = page.locator("#members tbody th a").nth(1)
        link.focus()
        name = link.inner_text()
        path = operator.path
        page.evaluate("path => htmx.ajax('GET', path, { target: '#members', swap: 'outerHTML' })", path)
        expect(page.locator("#announcer")).to_contain_text("명")
        expect(page.locator("#members tbody th a", has_text=name).first).to_be_focused()
        page.evaluate(
            "path => htmx.ajax('GET', `${path}?q=없는사람`, { target: '#members', swap: 'outerHTML' })", path
        )
        expect(page.locator("#members tbody")).to_have_count(0)
        expect(page.locator("#members:focus, #members :focus")).to_have_count(1)
