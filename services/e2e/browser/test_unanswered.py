"""A form without a response keeps its input, or a page says that it can be sent again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from browser.demo import ROOT, Demo
from browser.visitor import Visitor, visiting

PAGE = (ROOT / "deploy/gateway/pages/again.html").read_text(encoding="utf-8")
PATH = "/cohorts/new/"


@pytest.fixture
def operator(browser: Browser, demo: Demo, scripts: bool) -> Iterator[Visitor]:
    with visiting(browser, demo, size="phone", scripts=scripts, inspects=False) as visitor:
        visitor.sign_in(demo.address_of("operator"), demo.password)
        yield visitor
        # The 503 below is expected.
        visitor.findings.clear()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_what_was_typed_can_be_sent_again(operator: Visitor, scripts: bool) -> None:
    title = f"두 번 보낸 기수 {uuid.uuid4().hex[:6]}"
    operator.go(PATH)
    operator.type_in(title=title, parts="기획\n디자인", first_day="2026-11-23", weeks="4")

    def unanswered(route: Route) -> None:
        """Answer as the gateway does when a service dies during a request."""
        if route.request.method == "POST":
            route.fulfill(status=503, body=PAGE, content_type="text/html; charset=utf-8")
        else:
            route.continue_()

    operator.context.route(f"**{PATH}", unanswered)
    operator.page.locator("main form button.btn-primary").first.click()
    if scripts:
        expect(operator.page.locator("#toasts")).to_contain_text("다시")
    else:
        expect(operator.page.locator("h1")).to_contain_text("답을 받지 못했어요")
        operator.page.go_back()
    expect(operator.page.locator("[name=title]")).to_have_value(title)
    operator.context.unroute(f"**{PATH}")
    operator.submit("main")

    assert PATH not in operator.page.url
    expect(operator.page.locator("body")).to_contain_text(title)
