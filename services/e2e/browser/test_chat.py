"""A chat webhook: added on the page, tested, and sent an announcement by the running services."""

from __future__ import annotations

import json
import os
import uuid

import pytest
from playwright.sync_api import Browser

from browser.demo import Demo
from browser.test_main_job import open_cohort
from browser.test_push import received, wait_for
from browser.visitor import visiting
from chassis.testing.https_stand_in import StandIn


@pytest.mark.skipif("BASE" in os.environ, reason="that demo sends to no stand-in")
def test_an_announcement_reaches_the_chat_without_names(
    browser: Browser, demo: Demo, push_service: StandIn
) -> None:
    run = uuid.uuid4().hex[:6]
    path = f"/chat/{run}"
    with visiting(browser, demo) as operator:
        operator.sign_in(demo.address_of("operator"), demo.password)
        cohort = open_cohort(operator, f"18기 {run}")
        chats = f"/notifications/chat/{cohort}/"
        # Until notification knows the cohort.
        wait_for(operator.page, lambda: operator.page.request.get(f"{demo.url}{chats}").status == 200)
        operator.go(f"/cohorts/{cohort}/settings/connections/")
        operator.press(operator.page.locator(f"main a[href='{chats}']"))
        operator.type_in(name="공지방", url=push_service.url(path))
        operator.submit("main form:has([name=url])")
        operator.press(operator.page.get_by_role("button", name="시험 보내기"))
        assert "시험" in json.loads(received(push_service, path))["text"]

        operator.go(f"/cohorts/{cohort}/announcements/new/")
        operator.type_in(title=f"첫 모임 {run}", body="배준영 님이 문을 열어요.")
        operator.press(operator.page.locator("main button[name=preview]"))
        operator.press(operator.page.locator("main button[name=publish]"))
        text = json.loads(received(push_service, path, number=2))["text"]
        assert f"새 공지: 첫 모임 {run}" in text
        assert "배준영" not in text
