"""Presses, counted in the tab: a click or tap, and Enter in a field of one line. Typing is not counted."""

from __future__ import annotations

from playwright.sync_api import Page

# What a native list takes that is chosen from: to open it, and to choose.
LIST = 2
_COUNT = """
const count = () => sessionStorage.setItem('presses', 1 + Number(sessionStorage.getItem('presses')));
addEventListener('pointerdown', count, true);
addEventListener('keydown', event => event.key === 'Enter' && event.target.matches('input') && count(), true);
"""


def count_presses(page: Page) -> None:
    """Count from the next page on."""
    page.context.add_init_script(_COUNT)


def presses(page: Page) -> int:
    """Return the presses so far."""
    return int(page.evaluate("Number(sessionStorage.getItem('presses'))"))
