"""What is looked at on every page: width, contrast, names, roles, and whether its policy let it work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import axe_playwright_python
from playwright.sync_api import CDPSession, Page

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
_RUN = """
axe.run(document, {preload: false, resultTypes: ['violations']}).then(found => JSON.stringify(
  found.violations.map(one => ({
    rule: one.id,
    help: one.help,
    nodes: one.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' | ' + node.failureSummary),
    count: one.nodes.length,
  }))))
"""
# What sticks out to the right, its innermost elements first; scrolling regions of their own may be wide.
_WIDE = """
() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return null;
  const out = [...document.body.querySelectorAll('*')]
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .filter(one => ![...one.children].some(
      child => child.getBoundingClientRect().right > document.documentElement.clientWidth + 1))
    .slice(0, 3).map(one => one.outerHTML.slice(0, 120));
  return `${wide} px too wide: ${out.join(' · ')}`;
}
"""


@dataclass(frozen=True)
class Finding:
    """Something wrong on a page."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def inspect_page(page: Page, inspector: CDPSession, where: str) -> Iterator[Finding]:
    """What is wrong with the page as it stands now, at its width, in light and in dark."""
    if wide := too_wide(page):
        yield Finding(where, wide)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for violation in violations(inspector):
            nodes = " ‖ ".join(violation["nodes"])
            yield Finding(f"{where} ({scheme})", f"axe {violation['rule']} × {violation['count']}: {nodes}")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def too_wide(page: Page) -> str | None:
    """What makes the page scroll sideways at its width; None if nothing does."""
    found: str | None = page.evaluate(_WIDE)
    return found


def violations(inspector: CDPSession) -> list[dict[str, Any]]:
    """What axe says of the page. Through the debugger, which the page's own policy does not bind."""
    # Every time anew: a page that was just opened has none.
    inspector.send("Runtime.evaluate", {"expression": _axe()})
    answer = inspector.send(
        "Runtime.evaluate", {"expression": _RUN, "awaitPromise": True, "returnByValue": True}
    )
    if "exceptionDetails" in answer:
        raise RuntimeError(f"axe did not run: {answer['exceptionDetails']}")
    found: list[dict[str, Any]] = json.loads(answer["result"]["value"])
    return found
