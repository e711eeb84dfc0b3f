"""Take the screenshots of the documentation: `make docs-pictures`.

16 pages, each 390 and 1440 pixels wide, light and dark, in Korean and English, into var/pictures/; twelve
of them as WebP into docs/pictures. Starts a demo of its own, or uses the one at BASE with its data in
DEMO_FOLDER (var/). Pages are found by following links; one that is not found is named at the end, and the
exit code is 1.
"""

from __future__ import annotations

import base64
import re
import shutil
import sys
import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from browser.conftest import FLAGS, chromium
from browser.demo import ROOT, Demo, running
from browser.inspection import SCHEMES
from browser.visitor import Visitor
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from playwright.sync_api import Error as BrowserError

SCREENSHOTS = ROOT / "var/pictures/"
CHOSEN = ROOT / "docs/pictures"
LANGUAGES = ("ko", "en")
WIDTHS: dict[int, ViewportSize] = {
    390: {"width": 390, "height": 844},
    1440: {"width": 1440, "height": 900},
}
# Pixels of a page that are taken; and bytes of a chosen one.
MAX_HEIGHT = 2400
MAX_BYTES = 80 * 1024

# Role → page → the links to follow from /: patterns of paths, and after " ~ " of the text of the link's row.
SEGMENT = r"(?!new/|import/|work/)[^/]+"
PAGES: dict[str, dict[str, list[str]]] = {
    "nobody": {"landing": []},
    "operator": {
        "overview": [],
        "missions": [r"/missions/$"],
        "mission": [r"/missions/$", rf"/missions/{SEGMENT}/$"],
        "mission-form": [r"/missions/$", r"/missions/new/$"],
        "members": [r"/members/$"],
        "member": [r"/members/$", rf"/members/{SEGMENT}/(missions/)?$ ~ neuti-0"],
        "invitations": [r"/members/$", r"/invitations/$"],
        "settings": [r"(?<!/accounts)/settings/$"],
    },
    "mentor": {
        "reviews": [],
        "review": [rf"/reviews/{SEGMENT}/$|/submissions/{SEGMENT}/review/$|/reviews?/{SEGMENT}/"],
    },
    "member": {
        "week": [],
        "submission": [r"/submissions/$", rf"/submissions/{SEGMENT}/$ ~ \d+ ?/ ?\d+"],
        "mission-member": [r"/missions/$", rf"/missions/{SEGMENT}/$"],
        "inbox": [r"/notifications/$"],
        "profile": [r"/accounts/(profile|settings)/|/settings/(profile/)?$"],
    },
}
# The twelve of docs/pictures: six pages, each in both languages.
IN_DOCS = {
    "overview": 1440,
    "invitations": 1440,
    "mission": 1440,
    "review": 1440,
    "week": 390,
    "submission": 390,
}


class PageNotFound(Exception):
    """No link leads to a page."""


def follow(page: Page, wanted: str) -> None:
    """Open the link with the shortest path that matches, of equal ones the first. Raise PageNotFound."""
    pattern, _, text = wanted.partition(" ~ ")
    found: list[dict[str, str]] = page.evaluate(
        """() => [...document.querySelectorAll('main a[href], a[href]')]
            .sort((a, b) => !!b.closest('main') - !!a.closest('main'))
            .map(a => ({href: a.href, row: (a.closest('tr, li') || a).innerText}))"""
    )
    paths = {
        urlsplit(link["href"]).path: link["href"]
        for link in reversed(found)
        if link["href"].startswith(urljoin(page.url, "/")) and re.search(text, link["row"])
    }
    matching = [path for path in reversed(paths) if re.search(pattern, path)]
    if not matching:
        where = urlsplit(page.url).path
        raise PageNotFound(f"no link matches {wanted} on {where}; there are {' '.join(sorted(paths))}")
    page.goto(paths[min(matching, key=lambda path: path.count("/"))])


def take(page: Page, folder: Path, name: str, language: str) -> None:
    """Take a page at both widths and in both colour schemes, and its screenshot for the documentation."""
    for width, size in WIDTHS.items():
        page.set_viewport_size(size)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_load_state("networkidle")
            page.evaluate("() => { window.scrollTo(0, 0); return document.fonts.ready }")
            if IN_DOCS.get(name) == width and scheme == "light":
                write_webp(page, CHOSEN / f"{name}.{language}.webp")
            # In a window as high as the page, what is fixed at the bottom is at the bottom of the screenshot.
            height = min(page.evaluate("() => document.documentElement.scrollHeight"), MAX_HEIGHT)
            page.set_viewport_size({"width": width, "height": max(height, size["height"])})
            page.screenshot(path=folder / f"{name}.{width}.{scheme}.png")
            page.set_viewport_size(size)


def write_webp(page: Page, path: Path) -> None:
    """Write what the window shows as WebP of at most MAX_BYTES. Raise ValueError if it is always larger."""
    session = page.context.new_cdp_session(page)
    for quality in range(90, 20, -10):
        taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        content = base64.b64decode(taken["data"])
        if len(content) <= MAX_BYTES:
            path.write_bytes(content)
            session.detach()
            return
    raise ValueError(f"{path.name} has more than {MAX_BYTES} bytes")


def take_role(browser: Browser, demo: Demo, role: str, language: str) -> list[str]:
    """Take the pages of a role. Return what went wrong."""
    wrong = []
    folder = SCREENSHOTS / language
    folder.mkdir(parents=True, exist_ok=True)
    visitor = Visitor(browser, demo, language=language, inspects=False)
    try:
        if role != "nobody":
            visitor.sign_in(demo.address_of(role), demo.password)
        visitor.set_language(language)
        for name, links in PAGES[role].items():
            try:
                visitor.page.set_viewport_size(WIDTHS[1440])
                visitor.page.goto("/")
                for link in links:
                    visitor.wait_until_idle()
                    follow(visitor.page, link)
                take(visitor.page, folder, name, language)
            except (PageNotFound, BrowserError, ValueError) as failed:
                wrong.append(f"{name} ({language}): {failed}")
        wrong += [f"{finding} ({language})" for finding in visitor.findings]
    finally:
        visitor.close()
    return wrong


def main() -> int:
    """Take every screenshot. Return the exit code."""
    started = time.monotonic()
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    CHOSEN.mkdir(parents=True, exist_ok=True)
    wrong = []
    with running() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for language in LANGUAGES:
            for role in PAGES:
                wrong += take_role(browser, demo, role, language)
                print(f"{language} {role:<8} {time.monotonic() - started:.0f} s", flush=True)
        browser.close()
    expected = len(LANGUAGES) * len(WIDTHS) * len(SCHEMES) * sum(map(len, PAGES.values()))
    taken = len(list(SCREENSHOTS.rglob("*.png")))
    if taken != expected:
        wrong.append(f"{taken} screenshots, {expected} expected")
    print("\n".join(wrong), end="\n" if wrong else "", file=sys.stderr)
    print(
        f"{taken} screenshots in var/pictures/, {len(IN_DOCS) * len(LANGUAGES)} chosen ones in docs/pictures."
    )
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
