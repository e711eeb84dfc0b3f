"""A push message: subscribed on the page, encrypted for the browser, shown by the service worker."""

from __future__ import annotations

import base64
import json
import os
import time
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page

from browser.demo import PATIENCE, Demo
from browser.visitor import Visitor, visiting
from chassis.testing.https_stand_in import StandIn

AUTH = b"0123456789abcdef"
# In place of Google's service, which gives Chromium its subscriptions. The rest is the browser's own.
SUBSCRIBE = """([endpoint, p256dh, auth]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
  const keys = { p256dh: bytes(p256dh), auth: bytes(auth) };
  PushManager.prototype.subscribe = async () => ({ endpoint, getKey: (name) => keys[name] });
}"""
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({ title, data }) => [title, data.url])"""


@pytest.mark.skipif("BASE" in os.environ, reason="that demo sends to no stand-in")
def test_a_push_message_reaches_the_browser_and_nobody_else_reads_it(
    browser: Browser, demo: Demo, push_service: StandIn
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    with visiting(browser, demo) as member:
        member.context.grant_permissions(["notifications"], origin=demo.url)
        member.sign_in(demo.address_of("member"), demo.password)
        member.go("/notifications/push/")
        keys = [base64.b64encode(part).decode() for part in (point, AUTH)]
        member.page.evaluate(SUBSCRIBE, [push_service.url("/push/1"), *keys])
        member.submit("main form[data-push]")
        member.press(member.page.get_by_role("button", name="시험 보내기"))

        body = received(push_service, "/push/1")
        text = http_ece.decrypt(body, private_key=key, auth_secret=AUTH, version="aes128gcm").decode()
        assert "푸시 알림이 여기로 와요" in text
        assert "푸시".encode() not in body
        assert shown_after(member, text) == [["푸시 알림이 여기로 와요", "/notifications/push/"]]
        member.press(member.page.get_by_role("button", name="그만 받기"))


def received(stand_in: StandIn, path: str, *, number: int = 1) -> bytes:
    """Wait for a message to the path, the first or the one of that number, and return it."""
    deadline = time.monotonic() + PATIENCE
    while len(bodies := [request.body for request in stand_in.requests if request.path == path]) < number:
        assert time.monotonic() < deadline, f"message {number} to {path} was not sent"
        time.sleep(0.1)
    return bodies[number - 1]


def shown_after(visitor: Visitor, text: str) -> Any:
    """Give the service worker a decrypted message; return title and address of what it shows."""
    assert json.loads(text)
    line = visitor.context.new_cdp_session(visitor.page)
    found: list[str] = []
    line.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(row["registrationId"] for row in event["registrations"]),
    )
    line.send("ServiceWorker.enable")
    wait_for(visitor.page, lambda: bool(found))
    message = {"origin": visitor.demo.url, "registrationId": found[-1], "data": text}
    line.send("ServiceWorker.deliverPushMessage", message)
    wait_for(visitor.page, lambda: bool(visitor.page.evaluate(SHOWN)))
    line.detach()
    return visitor.page.evaluate(SHOWN)


def wait_for(page: Page, condition: Any) -> None:
    """Wait until the condition is true. Raise AssertionError if it never is."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)
