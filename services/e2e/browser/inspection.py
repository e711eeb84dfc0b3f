"""Checks of every page: width, stylesheets, one primary button, and axe's accessibility rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import axe_playwright_python
from playwright.sync_api import CDPSession, Page

from browser.demo import ROOT

# The colour schemes, and axe's rules in each: all that depends on the scheme is contrast.
SCHEMES: dict[Literal["light", "dark"], list[str]] = {"light": [], "dark": ["color-contrast"]}
_RUN = """
rules => axe.run(document, {
  preload: false, resultTypes: ['violations'], ...(rules.length ? {runOnly: rules} : {}),
}).then(found => JSON.stringify(
  found.violations.map(one => ({
    rule: one.id,
    help: one.help,
    nodes: one.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' | ' + node.failureSummary),
    count: one.nodes.length,
  }))))
"""
# The innermost elements that overflow to the right; elements that scroll by themselves are ignored.
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
# What a page is for is one thing; other buttons are secondary.
_PRIMARY = """
() => [...document.querySelectorAll('.btn-primary')]
  .filter(one => one.checkVisibility()).map(one => one.innerText.trim())
"""
# The stylesheets that some pages alone have, and the selectors of one that something on the page matches.
_OF_SOME_PAGES = sorted((ROOT / "services/look/look/css/pages").glob("*.css"))
_MATCHED = r"""
css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  const rules = list => [...list].flatMap(rule => [rule, ...(rule.cssRules ? rules(rule.cssRules) : [])]);
  const all = rules(sheet.cssRules).map(rule => rule.selectorText).filter(Boolean);
  const own = [...document.querySelectorAll('style')].flatMap(style => rules(style.sheet.cssRules))
    .map(rule => rule.selectorText);
  const missing = all.filter(selector => !own.includes(selector));
  return missing.filter(
    selector => document.querySelector(selector.replace(/::?(before|after|marker)/g, '')));
}
"""


@dataclass(frozen=True)
class Finding:
    """A fault of a page."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def inspect_page(page: Page, inspector: CDPSession, where: str) -> Iterator[Finding]:
    """Yield the faults of a page at its current width, in light and dark mode."""
    if wide := too_wide(page):
        yield Finding(where, wide)
    if len(primary := page.evaluate(_PRIMARY)) > 1:
        yield Finding(where, f"several primary buttons: {' · '.join(primary)}")
    for path in _OF_SOME_PAGES:
        if matched := page.evaluate(_MATCHED, path.read_text("utf-8")):
            yield Finding(where, f'add {{% styles "{path.stem}" %}} for {" · ".join(matched[:3])}')
    for scheme, rules in SCHEMES.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for violation in violations(inspector, rules):
            nodes = " ‖ ".join(violation["nodes"])
            yield Finding(f"{where} ({scheme})", f"axe {violation['rule']} × {violation['count']}: {nodes}")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def too_wide(page: Page) -> str | None:
    """Return what makes the page scroll horizontally, or None."""
    found: str | None = page.evaluate(_WIDE)
    return found


def violations(inspector: CDPSession, rules: list[str]) -> list[dict[str, Any]]:
    """Return axe's violations of these rules, or of all. The debugger bypasses the page's policy."""
    has_axe = inspector.send("Runtime.evaluate", {"expression": "typeof axe"})
    if has_axe["result"]["value"] != "object":
        inspector.send("Runtime.evaluate", {"expression": _axe()})
    run = f"({_RUN.strip()})({json.dumps(rules)})"
    answer = inspector.send(
        "Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True}
    )
    if "exceptionDetails" in answer:
        raise RuntimeError(f"axe did not run: {answer['exceptionDetails']}")
    found: list[dict[str, Any]] = json.loads(answer["result"]["value"])
    return found
