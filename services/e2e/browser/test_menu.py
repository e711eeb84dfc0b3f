"""The main menu of an organizer, the longest: no entry is cut off or lost, however wide the window is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.demo import Demo
from browser.visitor import visiting


@pytest.mark.parametrize("width", [1060, 1250, 1440])
def test_every_entry_is_in_the_bar_or_behind_more(browser: Browser, demo: Demo, width: int) -> None:
    with visiting(browser, demo, language="en") as operator:
        operator.sign_in(demo.address_of("operator"), demo.password)
        operator.context.add_cookies([{"name": "django_language", "value": "en", "url": demo.url}])
        operator.page.set_viewport_size({"width": width, "height": 900})
        operator.go("/")
        name = operator.page.locator(".switcher .truncate")
        name.evaluate("name => { name.textContent = 'The cohort of a very long name '.repeat(3) }")
        bar = operator.page.locator(".topbar .nav")
        assert bar.locator("> ul").evaluate("bar => bar.scrollWidth <= bar.clientWidth")
        more = bar.locator("details > summary")
        more.click()
        shown = bar.locator("a:visible")
        assert shown.all_inner_texts() == [
            *["Overview", "Members", "Missions", "Pull requests", "Review assignments", "Reviews"],
            *["Announcements", "Search", "Settings", "Audit log", "My membership"],
        ]

        operator.press(shown.filter(has_text="Settings"))

        expect(operator.page.locator("main h1")).to_contain_text("Settings of")
        is_current(more)


def is_current(entry: Locator) -> None:
    """Check that an entry of the bar is marked as that of the page."""
    assert int(entry.evaluate("entry => getComputedStyle(entry).fontWeight")) >= 700
