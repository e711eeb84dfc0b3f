"""Pages are set in our own font, whose files are loaded once and only where a page has their characters."""

from __future__ import annotations

import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Route

from browser.demo import Demo
from browser.visitor import Visitor, visiting

OBSERVE = """
window.moved = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.moved += entry.value; })
  .observe({type: 'layout-shift', buffered: true});
"""
MAX_SHIFT = 0.02
PAGES = ("/", "/accounts/", "/notifications/")


def files(visitor: Visitor) -> list[str]:
    """Collect the paths of the fonts that the visitor's browser loads."""
    found: list[str] = []
    visitor.page.on(
        "response",
        lambda answer: found.append(urlsplit(answer.url).path) if answer.url.endswith(".woff2") else None,
    )
    return found


def parts(paths: Iterable[str]) -> list[str]:
    return sorted(path.rsplit("/", 1)[-1].split(".")[0] for path in paths)


def test_the_pages_of_all_services_share_one_address_of_each_file(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as member:
        loaded = files(member)
        member.sign_in(demo.address_of("member"), demo.password)
        for path in PAGES:
            member.go(path)
            assert member.page.evaluate("document.fonts.check('600 16px \"Seodang Sans\"', '서당')")
        addresses = set(loaded)
        assert all(path.startswith("/static/look/fonts/") for path in addresses)
        found = parts(addresses)
        assert found[:2] == ["common", "latin"]
        assert len(found) == len(set(found)), "a file has two addresses"


def test_a_rare_syllable_loads_its_slice_alone(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo) as visitor:
        loaded = files(visitor)
        visitor.go("/accounts/login/")
        assert parts(loaded) == ["common", "latin"]
        visitor.page.evaluate("document.querySelector('h1').append(' 쑬')")
        visitor.page.evaluate("document.fonts.ready")
        visitor.wait_until_idle()
        assert len(loaded) == 3
        assert parts(loaded)[2].startswith("slice-")


def test_nothing_moves_when_a_slow_font_comes(browser: Browser, demo: Demo) -> None:
    def slow(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    for size in ("phone", "desktop"):
        with visiting(browser, demo, size=size) as member:
            member.sign_in(demo.address_of("member"), demo.password)
            member.page.add_init_script(OBSERVE)
            for path in PAGES:
                # Past the cache.
                member.page.route("**/*.woff2", slow)
                member.page.goto(path)
                member.page.evaluate("document.fonts.ready")
                member.wait_until_idle()
                assert member.page.evaluate("window.moved") <= MAX_SHIFT, (size, path)
