"""Every linked page, for each role: width, axe, content security policy, links, language."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from browser.crawler import OUTSIDE, crawl
from browser.demo import Demo
from browser.inspection import too_wide
from browser.texts import wrong_texts
from browser.visitor import Visitor, visiting

# The minimum number of kinds of pages that each role reaches. A missing link loses all pages behind it, so a
# number slightly below the current one is enough.
ROLES = {"operator": 50, "mentor": 15, "member": 13, "nobody": 4}
# Pages that are the same for all roles are checked once.
ALIKE = ("/accounts/", "/api/")


def enter(visitor: Visitor, role: str) -> list[str]:
    """Sign in as a role; return the start pages."""
    if role == "nobody":
        return OUTSIDE
    visitor.sign_in(visitor.demo.address_of(role), visitor.demo.password)
    return ["/"]


@pytest.fixture(scope="module")
def known() -> set[str]:
    return set()


@pytest.mark.parametrize("role", ROLES)
def test_korean_pages_are_good_at_both_widths(
    browser: Browser, demo: Demo, known: set[str], role: str
) -> None:
    with visiting(browser, demo, size="phone") as visitor:
        seen = []
        for kind in crawl(visitor, enter(visitor, role), known=known):
            seen.append(kind)
            for wrong in wrong_texts(visitor.page, "ko"):
                visitor.note(wrong)
            visitor.resize("desktop")
            visitor.inspect()
            visitor.resize("phone")
        print(f"{role}: {len(seen)} kinds of pages")
    assert len(seen) >= ROLES[role], seen
    known |= {kind for kind in seen if kind.startswith(ALIKE)}


@pytest.mark.parametrize("role", ROLES)
def test_english_pages_are_english_and_fit_a_phone(browser: Browser, demo: Demo, role: str) -> None:
    with visiting(browser, demo, size="phone", language="en", inspects=False) as visitor:
        visitor.set_language("en")
        for _ in crawl(visitor, enter(visitor, role)):
            for wrong in [*wrong_texts(visitor.page, "en"), too_wide(visitor.page)]:
                if wrong:
                    visitor.note(wrong)


def test_a_page_that_is_not_there_says_so_in_our_look(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, size="phone") as visitor:
        for path in ("/nothing-here/", "/cohorts/nothing/", "/accounts/nothing/", "/notifications/nothing/"):
            visitor.go(path, status=404)
            assert visitor.page.locator("h1").count() == 1
