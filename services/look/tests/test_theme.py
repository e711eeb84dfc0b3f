"""The theme of a page, as its document says it."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from tests.gallery import context
from tests.test_look import ParsedPage, request


@pytest.mark.parametrize(
    ("cookie", "scheme", "colors"),
    [
        ("light", "light", ["all", "not all"]),
        ("dark", "dark", ["not all", "all"]),
        ("", "light dark", ["(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"]),
        ('x" onload="', "light dark", ["(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"]),
    ],
)
@pytest.mark.parametrize("name", ["gallery.html", "404.html"])
def test_a_page_arrives_in_the_theme_that_its_reader_has_chosen(name, cookie, scheme, colors):
    chosen = request()
    chosen.COOKIES["theme"] = cookie
    page = ParsedPage(render_to_string(name, context(), chosen))
    assert page.all("html")[0].get("data-theme") == (cookie if cookie == scheme else None)
    metas = page.all("meta")
    assert [meta["content"] for meta in metas if meta.get("name") == "color-scheme"] == [scheme]
    assert [meta["media"] for meta in metas if meta.get("name") == "theme-color"] == colors
    buttons = [button for button in page.all("button") if button.get("name") == "theme"]
    now = [button["value"] for button in buttons if "aria-current" in button]
    assert now == [cookie if cookie == scheme else "system"]
