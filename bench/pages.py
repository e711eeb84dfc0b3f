"""What a page takes on a phone with a slow network: `make bench-pages` (A='-k overview' for some pages).

Starts a demo of its own with a cohort of 200 members and 16 missions, or uses the one at BASE with its data
in DEMO_FOLDER. Opens every page in headless Chromium with an empty cache, three times, and prints the medians
of LCP, CLS, INP of one press and the bytes that were sent, beside the LCP of a page of one line from the same
gateway in the same rounds. The exit code is 1 if a page exceeds a limit. On a busy machine most of a time is
waiting for a processor.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "services/e2e"))

from browser.conftest import FLAGS, chromium  # noqa: E402
from browser.demo import Demo, running  # noqa: E402
from browser.visitor import Visitor  # noqa: E402
from docs_pictures import SEGMENT, follow  # noqa: E402
from playwright.sync_api import Browser, Page, StorageState, sync_playwright  # noqa: E402

# A phone on a slow mobile network: milliseconds from a request to its answer, bytes a second, and how much
# slower its processor is than this one.
LATENCY, DOWN, UP, SLOWER = 400, 1_600_000 / 8, 750_000 / 8, 4
PHONE: Any = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
# How often each page is opened, and how many pages are compared with one opening of the blank page.
ROUNDS, PAGES_FOR_A_BLANK = 3, 2
# A blank page takes the time of one request. At 1.6 times that, a page cannot wait for a second one before it
# is shown.
MAX_RATIO = 1.6
# A fifth of what counts as good (0.1, web.dev/articles/cls): what comes late has its place kept.
MAX_SHIFT = 0.02
# 0.3 s of such a network, for everything but the fonts, which are kept for ever and do not delay the text.
MAX_BYTES = 60 * 1024
BLANK = "/_blank"
MEMBERS, MISSIONS = 200, 16

_SHOWN = """() => new Promise(resolve => {
  const found = {lcp: 0, element: '', shift: 0};
  const observe = (type, each) => new PerformanceObserver(list => list.getEntries().forEach(each))
    .observe({type, buffered: true});
  let sum = 0, first = 0, last = 0;
  observe('largest-contentful-paint', entry => {
    found.lcp = entry.startTime;
    found.element = entry.element ? entry.element.outerHTML.replace(/\\s+/g, ' ').slice(0, 60) : '';
  });
  // CLS is the largest sum of a window: at most 5 s long, with pauses below 1 s.
  observe('layout-shift', entry => {
    if (entry.hadRecentInput) return;
    const isNew = entry.startTime - last > 1000 || entry.startTime - first > 5000;
    if (isNew) { sum = 0; first = entry.startTime; }
    sum += entry.value; last = entry.startTime;
    found.shift = Math.max(found.shift, sum);
  });
  setTimeout(() => resolve(found), 200);
})"""
_PRESSED = """() => new Promise(resolve => {
  let longest = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => {
    if (entry.interactionId) longest = Math.max(longest, entry.duration);
  })).observe({type: 'event', durationThreshold: 16, buffered: true});
  setTimeout(() => resolve(longest), 400);
})"""
# What is pressed, the first that is visible. It stays on the page.
_PRESSABLE = "main summary:visible", "main [role=tab]:visible", "summary:visible", "main input:visible"


@dataclass
class Figures:
    """What one page took in each round. Milliseconds, and bytes."""

    lcp: list[float] = field(default_factory=list)
    shift: list[float] = field(default_factory=list)
    press: list[float] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    document: list[int] = field(default_factory=list)
    blank: list[float] = field(default_factory=list)
    element: str = ""


# Role → page → a path, then the links to follow, as docs_pictures describes them. {sample} and {crowd} are
# addresses of cohorts.
PAGES: dict[str, dict[str, list[str]]] = {
    "nobody": {"landing": ["/"], "sign-in": ["/accounts/login/"]},
    "operator": {
        "overview": ["{sample}"],
        "overview of 200 × 16": ["{crowd}"],
        "missions": ["{sample}missions/"],
        "mission": ["{sample}missions/", rf"{{sample}}missions/{SEGMENT}/$"],
        "mission progress of 200": ["{crowd}missions/", rf"{{crowd}}missions/{SEGMENT}/$"],
        "member": ["{sample}members/", rf"{{sample}}members/{SEGMENT}/missions/$ ~ neuti-0"],
        "member with 16": ["{crowd}members/", rf"{{crowd}}members/{SEGMENT}/missions/$"],
        "members": ["{sample}members/"],
        "members of 200": ["{crowd}members/"],
        "announcements": ["{sample}announcements/"],
        "settings": ["{sample}settings/"],
        "inbox": ["/notifications/"],
        "profile": ["/accounts/profile/"],
    },
    "mentor": {
        "review queue": ["/reviews/"],
        "review": ["/reviews/", rf"/reviews/{SEGMENT}/$"],
    },
    "member": {
        "week": ["{sample}week/"],
        "mission of a member": ["{sample}missions/", rf"{{sample}}missions/{SEGMENT}/$"],
        "my submissions": ["/submissions/"],
        "submission": ["/submissions/", rf"/submissions/{SEGMENT}/$ ~ \d+ ?/ ?\d+"],
    },
}


def find(visitor: Visitor, links: list[str], cohorts: dict[str, str]) -> str:
    """Return the path of a page."""
    first, *others = [
        reduce(lambda link, name: link.replace(f"{{{name}}}", cohorts[name]), cohorts, link) for link in links
    ]
    visitor.page.goto(first)
    for link in others:
        visitor.wait_until_idle()
        follow(visitor.page, link)
    return urlsplit(visitor.page.url).path


def measure(browser: Browser, address: str, state: StorageState | None, figures: Figures) -> None:
    """Open a page once, with an empty cache, and press something on it."""
    context = browser.new_context(**PHONE, storage_state=state, locale="ko-KR", timezone_id="Asia/Seoul")
    try:
        page = context.new_page()
        session = context.new_cdp_session(page)
        sent: dict[str, int] = defaultdict(int)
        kinds: dict[str, str] = {}
        session.on(
            "Network.requestWillBeSent",
            lambda event: kinds.update({event["requestId"]: event.get("type", "")}),
        )
        session.on(
            "Network.loadingFinished",
            lambda event: sent.update({event["requestId"]: int(event["encodedDataLength"])}),
        )
        session.send("Network.enable")
        throttle: dict[str, Any] = {"latency": LATENCY, "downloadThroughput": DOWN, "uploadThroughput": UP}
        session.send("Network.emulateNetworkConditions", {"offline": False, **throttle})
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        answer = page.goto(address)
        if answer is None or answer.status != 200:
            raise RuntimeError(f"{address} answered {answer and answer.status}")
        page.wait_for_load_state("networkidle")
        shown = page.evaluate(_SHOWN)
        figures.lcp.append(shown["lcp"])
        figures.shift.append(shown["shift"])
        figures.element = shown["element"]
        figures.sent.append(sum(size for id_, size in sent.items() if kinds.get(id_) != "Font"))
        figures.document.append(sum(size for id_, size in sent.items() if kinds.get(id_) == "Document"))
        press(page, figures)
    finally:
        context.close()


def press(page: Page, figures: Figures) -> None:
    """Press the first thing on the page that stays there; note the delay until it shows."""
    for selector in _PRESSABLE:
        found = page.locator(selector).first
        if found.count():
            found.tap()
            figures.press.append(page.evaluate(_PRESSED))
            return


def sample_cohort(browser: Browser, demo: Demo) -> str:
    """Return the address of the cohort that the demo's operator sees first."""
    visitor = Visitor(browser, demo, inspects=False)
    try:
        visitor.sign_in(demo.address_of("operator"), demo.password)
        visitor.go("/")
        return visitor.path
    finally:
        visitor.close()


def measure_role(
    browser: Browser, demo: Demo, role: str, cohorts: dict[str, str], chosen: str
) -> dict[str, Figures]:
    """Return the figures of a role's pages by name. Each is compared with the blank page opened before it."""
    visitor = Visitor(browser, demo, inspects=False)
    try:
        if role != "nobody":
            visitor.sign_in(demo.address_of(role), demo.password)
        wanted = {name: links for name, links in PAGES[role].items() if chosen in name}
        paths = {name: find(visitor, links, cohorts) for name, links in wanted.items()}
        found = {name: Figures() for name in paths}
        for _ in range(ROUNDS):
            # A token for pages is short-lived: each round has a fresh one.
            visitor.go("/")
            state = visitor.context.storage_state() if role != "nobody" else None
            blank = Figures()
            for number, (name, path) in enumerate(paths.items()):
                if number % PAGES_FOR_A_BLANK == 0:
                    measure(browser, demo.url + BLANK, None, blank)
                measure(browser, demo.url + path, state, found[name])
                found[name].blank.append(blank.lcp[-1])
    finally:
        visitor.close()
    return found


def report(found: dict[str, Figures]) -> int:
    """Print the table. Return the number of figures beyond their limits."""
    blank = median(time for figures in found.values() for time in figures.blank)
    print(f"\n{'':<25}{'LCP ms':>8}{'/ blank':>9}{'CLS':>8}{'INP ms':>8}{'KB':>7}{'document':>10}")
    print(f"{'blank':<25}{blank:>8.0f}{1:>9.2f}")
    wrong = 0
    for name, figures in found.items():
        ratio = median(lcp / own for lcp, own in zip(figures.lcp, figures.blank, strict=True))
        shift, sent = median(figures.shift), median(figures.sent)
        over = [ratio > MAX_RATIO, shift > MAX_SHIFT, sent > MAX_BYTES]
        wrong += sum(over)
        marks = ["!" if is_over else " " for is_over in over]
        pressed = f"{median(figures.press):>7.0f}" if figures.press else f"{'-':>7}"
        print(
            f"{name:<25}{median(figures.lcp):>8.0f}{ratio:>8.2f}{marks[0]}{shift:>7.3f}{marks[1]}{pressed}"
            f"{sent / 1024:>7.1f}{marks[2]}{median(figures.document) / 1024:>9.1f}  {figures.element}"
        )
    print(
        f"\nMedians of {ROUNDS} rounds at {LATENCY} ms, {DOWN * 8 / 1e6:.1f} Mbit/s,"
        f" a processor {SLOWER} times slower. An INP of 0 is below 16 ms. Beyond a limit (!): {wrong}"
        f" (LCP {MAX_RATIO} × blank, CLS {MAX_SHIFT}, {MAX_BYTES // 1024} KB without fonts)."
    )
    return wrong


def main() -> int:
    """Measure every page. Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", default="", help="only pages with this in their name")
    chosen = parser.parse_args().k
    began = time.monotonic()
    with running() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        cohorts = {"sample": sample_cohort(browser, demo)}
        cohorts["crowd"] = f"/cohorts/{demo.add_crowd(MEMBERS, MISSIONS)}/"
        found: dict[str, Figures] = {}
        for role in ("nobody", "operator", "mentor", "member"):
            found |= measure_role(browser, demo, role, cohorts, chosen)
            print(f"{role} after {time.monotonic() - began:.0f} s", flush=True)
        browser.close()
    return bool(report(found))


if __name__ == "__main__":
    sys.exit(main())
