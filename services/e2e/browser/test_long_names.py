"""Names of 100 characters, 200 members, 30 missions: no text lies over another, no page scrolls sideways.

At 320 px; at 640 px with two device pixels each, as a browser of 1280 px shows it at 200 %; and with all
characters at twice their size at 1280 px.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from docs_pictures import SEGMENT, PageNotFound, follow
from playwright.sync_api import Browser

from browser.demo import Demo
from browser.inspection import too_wide
from browser.overlaps import overlapping_texts
from browser.visitor import Visitor, visiting

pytestmark = pytest.mark.nightly

MEMBERS, MISSIONS = 200, 30
# Width, device pixels to a pixel, and the size of the root's characters.
VIEWS = {"320 px": (320, 1, ""), "200 %": (640, 2, ""), "characters of 200 %": (1280, 1, "200%")}
HEIGHT = 800
# Role → pages: a path, then the links to follow, as docs_pictures describes them. {} is the cohort's.
PAGES: dict[str, list[list[str]]] = {
    "operator": [
        ["{}"],
        ["{}missions/"],
        ["{}missions/", rf"/missions/{SEGMENT}/$"],
        ["{}missions/", rf"/missions/{SEGMENT}/$", r"/edit/$"],
        ["{}missions/", rf"/missions/{SEGMENT}/$", r"/remind/$"],
        ["{}missions/new/"],
        ["{}members/"],
        ["{}members/", rf"/members/{SEGMENT}/missions/$"],
        ["{}members/", rf"/members/{SEGMENT}/missions/$", rf"/members/{SEGMENT}/$"],
        ["{}members/import/"],
        ["{}invitations/"],
        ["{}announcements/"],
        ["{}announcements/new/"],
        ["{}reviewers/"],
        ["{}pulls/"],
        ["{}repositories/"],
        ["{}exports/"],
        ["{}audit/"],
        ["{}settings/"],
        ["{}search/?q=a"],
        ["{}submissions/"],
        ["/notifications/"],
        ["/notifications/preferences/"],
        ["/accounts/profile/"],
        ["/cohorts/"],
        ["/nav/"],
    ],
    "mentor": [
        ["{}week/"],
        ["/reviews/"],
        ["/reviews/", r"{}reviews/[^/]+/$"],
        ["{}missions/"],
        ["{}members/"],
    ],
    "member": [
        ["{}week/"],
        ["{}missions/"],
        ["{}missions/", rf"/missions/{SEGMENT}/$"],
        ["{}members/"],
        ["{}me/"],
        ["{}announcements/"],
        ["/submissions/"],
        ["/submissions/", r"{}submissions/[^/]+/$"],
        ["/notifications/"],
    ],
}
WRONG = """
<main><p style="position: absolute; top: 20px">one text</p>
<p style="position: absolute; top: 24px">another</p></main>
"""


@pytest.fixture(scope="module")
def cohort(demo: Demo) -> str:
    """Return the path of a cohort of many people with long names."""
    return f"/cohorts/{demo.add_crowd(MEMBERS, MISSIONS, is_long=True)}/"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("role", PAGES)
def test_no_text_lies_over_another(
    browser: Browser, demo: Demo, cohort: str, role: str, language: str
) -> None:
    with visiting(browser, demo, language=language, inspects=False) as visitor:
        visitor.sign_in(demo.address_of(role), demo.password)
        visitor.set_language(language)
        inspector = visitor.context.new_cdp_session(visitor.page)
        seen = set()
        for links in PAGES[role]:
            first, *others = [link.replace("{}", cohort) for link in links]
            visitor.go(first)
            try:
                for link in others:
                    follow(visitor.page, link)
            except PageNotFound as missing:
                visitor.note(str(missing))
                continue
            visitor.wait_until_idle()
            seen.add(visitor.path)
            for view, (width, pixels, characters) in VIEWS.items():
                size: dict[str, Any] = {"width": width, "height": HEIGHT, "deviceScaleFactor": pixels}
                inspector.send("Emulation.setDeviceMetricsOverride", {**size, "mobile": False})
                visitor.page.evaluate(
                    "size => { document.documentElement.style.fontSize = size }", characters
                )
                visitor.page.evaluate("() => document.fonts.ready")
                for wrong in [too_wide(visitor.page), *overlapping_texts(visitor.page)]:
                    if wrong:
                        visitor.note(f"{view}: {wrong}")
            inspector.send("Emulation.clearDeviceMetricsOverride")
    assert len(seen) > len(PAGES[role]) - 2, seen


def test_texts_over_one_another_are_found(browser: Browser, demo: Demo) -> None:
    visitor = Visitor(browser, demo, inspects=False)
    visitor.page.set_content(WRONG)
    [found] = overlapping_texts(visitor.page)
    visitor.close()

    assert re.search("“one text” and “another”", found)
