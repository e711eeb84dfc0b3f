"""Screenshots of every kind of page for each role: screenshots.py http://localhost:8000.

Both widths, light and dark mode, into var/looks/. DEMO_FOLDER is the demo's folder (var/). Roles may
follow the address: screenshots.py http://localhost:8000 mentor.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from browser.conftest import FLAGS, chromium
from browser.crawler import OUTSIDE, crawl
from browser.demo import ROOT, Demo
from browser.inspection import SCHEMES
from browser.visitor import SIZES, Visitor
from playwright.sync_api import sync_playwright

FOLDER = ROOT / "var/looks"
ROLES = ("operator", "mentor", "member", "nobody")


def pictures(visitor: Visitor, folder: Path, what: str) -> None:
    """Take screenshots of the page at all widths and colour schemes."""
    name = what.strip("/").replace("/", "_").replace("…", "x") or "root"
    for size in SIZES:
        visitor.resize(size)
        for scheme in SCHEMES:
            visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            visitor.page.screenshot(path=folder / f"{name}.{size}.{scheme}.png", full_page=True)


def main(base: str, roles: list[str]) -> None:
    """Crawl and take screenshots."""
    demo = Demo(base.rstrip("/"), Path(os.environ.get("DEMO_FOLDER") or ROOT / "var"))
    language = os.environ.get("LANGUAGE_SHOWN", "ko")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for role in roles or ROLES:
            folder = FOLDER / f"{role}-{language}"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            visitor = Visitor(browser, demo, language=language, inspects=False)
            if role != "nobody":
                visitor.sign_in(demo.address_of(role), demo.password)
                visitor.set_language(language)
            for what in crawl(visitor, OUTSIDE if role == "nobody" else ["/"]):
                print(f"{role:<9} {what}", flush=True)
                pictures(visitor, folder, what)
            print("\n".join(map(str, visitor.findings)))
            visitor.close()
        browser.close()
    print(f"The screenshots are in {FOLDER.relative_to(ROOT)}/.")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
