"""Web push: only the browser can read it, what is gone is unsubscribed, what is busy is left alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.testing import NOW
from chassis.testing.https_stand_in import StandIn
from notification.delivery.rules import delivery_backoff
from notification.push import actions, queries, tasks, webpush
from notification.push.models import PushSubscription, VapidKey
from notification.push.rules import digest_of
from tests.conftest import ADA, BORIS
from tests.push.conftest import Browser, announce, decode, encode, send, subscribe


def test_only_the_browser_reads_the_message(browser: Browser, stand_in: StandIn) -> None:
    delivery = announce()

    send()

    [request] = stand_in.requests
    assert "16기".encode() not in request.body
    message = browser.decrypt(request.body)
    assert message["title"] == "[16기] OT"
    assert message["url"] == f"/notifications/{delivery.notification_id}/"
    assert "비밀" not in json.dumps(message, ensure_ascii=False)
    delivery.refresh_from_db()
    assert delivery.sent_at == NOW


def test_a_push_service_keeps_a_reminder_until_its_deadline(browser: Browser, stand_in: StandIn) -> None:
    delivery = announce()
    delivery.notification.context["expires_at"] = (NOW + timedelta(hours=3)).isoformat()
    delivery.notification.save(update_fields=["context"])

    send()

    assert stand_in.requests[0].headers["ttl"] == "10800"


def test_the_push_service_can_verify_who_sends(browser: Browser, stand_in: StandIn) -> None:
    announce()

    send()

    headers = stand_in.requests[0].headers
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["ttl"] == "86400"
    token, key = re.fullmatch(r"vapid t=(\S+), k=(\S+)", headers["authorization"]).groups()  # type: ignore[union-attr]
    point = decode(key)
    public = ECKey.import_key(
        {"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:])}
    )
    claims = jwt.decode(token, public, algorithms=["ES256"]).claims
    assert claims["aud"] == f"https://{stand_in.host}"
    assert claims["sub"].startswith("mailto:")
    assert key == VapidKey.objects.get().public_key


def test_the_key_is_made_once_and_is_encrypted(db: None) -> None:
    first, second = actions.create_vapid_key(at=NOW), actions.create_vapid_key(at=NOW)

    assert first.public_key == second.public_key
    assert '"d"' not in first.private_key_encrypted
    assert len(decode(first.public_key)) == 65


def test_endpoint_and_keys_are_encrypted(browser: Browser) -> None:
    row = PushSubscription.objects.get()

    assert "/push/1" not in str(vars(row))
    assert queries.subscription_of(row).endpoint.endswith("/push/1")  # type: ignore[union-attr]


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_unsubscribed(status: int, browser: Browser, stand_in: StandIn) -> None:
    stand_in.answers["/push/1"] = (status, {})
    delivery = announce()

    send()

    assert not PushSubscription.objects.exists()
    delivery.refresh_from_db()
    assert delivery.skipped == "no_device"


def test_a_wait_that_the_push_service_asks_for_is_kept(
    browser: Browser, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.answers["/push/1"] = (429, {"Retry-After": "3600"})
    delivery = announce()

    send()
    send(NOW + timedelta(seconds=3599))
    # Another message waits, too.
    tasks.send_test(str(PushSubscription.objects.get().id), "ko")

    assert len(stand_in.requests) == 1
    stand_in.answers.clear()
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(seconds=3600))
    send(NOW + timedelta(seconds=3600))
    delivery.refresh_from_db()
    assert delivery.sent_at == NOW + timedelta(seconds=3600)


def test_a_server_error_is_retried_with_backoff(browser: Browser, stand_in: StandIn) -> None:
    stand_in.answers["/push/1"] = (503, {})
    delivery = announce()

    send()

    delivery.refresh_from_db()
    assert delivery.next_attempt_at == NOW + delivery_backoff(1)
    row = PushSubscription.objects.get()
    assert (row.failures, row.error) == (1, "the server answered 503")


def test_one_browser_that_fails_keeps_no_other_from_its_message(browser: Browser, stand_in: StandIn) -> None:
    other = subscribe(Browser("/push/2"), stand_in)
    stand_in.answers["/push/1"] = (410, {})
    delivery = announce()

    send()

    received = [request for request in stand_in.requests if request.path == "/push/2"]
    assert [other.decrypt(request.body)["title"] for request in received] == ["[16기] OT"]
    delivery.refresh_from_db()
    assert delivery.sent_at == NOW


def test_a_repeat_leaves_alone_the_browser_that_was_reached(
    browser: Browser, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(Browser("/push/2"), stand_in)
    stand_in.answers["/push/2"] = (503, {})
    PushSubscription.objects.filter(endpoint_digest=digest_of(stand_in.url("/push/2"))).update(failures=1)
    delivery = announce()

    send()
    send(NOW + delivery_backoff(1))
    stand_in.answers.clear()
    send(NOW + delivery_backoff(1) + delivery_backoff(2))

    assert [request.path for request in stand_in.requests] == ["/push/1", "/push/2", "/push/2", "/push/2"]
    delivery.refresh_from_db()
    assert delivery.sent_at


def test_what_reached_one_browser_is_sent_though_the_other_never_answers(
    browser: Browser, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(Browser("/push/2"), stand_in)
    stand_in.answers["/push/2"] = (503, {})
    PushSubscription.objects.filter(endpoint_digest=digest_of(stand_in.url("/push/2"))).update(failures=1)
    delivery = announce()
    send()
    late = NOW + webpush.MAX_AGE + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: late)

    send(late)

    delivery.refresh_from_db()
    assert (delivery.sent_at, delivery.skipped) == (late, "")


def test_a_repeat_has_the_same_tag(browser: Browser, stand_in: StandIn) -> None:
    stand_in.answers["/push/1"] = (500, {})
    announce()
    send()
    send(NOW + delivery_backoff(1))

    assert len({browser.decrypt(request.body)["tag"] for request in stand_in.requests}) == 1
    # Also in the push service, while the browser is away.
    [topic] = {request.headers["topic"] for request in stand_in.requests}
    assert len(topic) == 32
    assert len(stand_in.requests) == 2


def test_a_message_of_yesterday_is_not_sent(
    browser: Browser, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = announce()
    late = NOW + timedelta(days=1, seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: late)

    send(late)

    delivery.refresh_from_db()
    assert (delivery.skipped, stand_in.requests) == ("late", [])


def test_a_reader_subscribes_tests_and_stops_on_the_page(
    mirror_rows: None, stand_in: StandIn, as_principal: Callable[..., Any], run_tasks: Any
) -> None:
    ada, browser = as_principal(ADA), Browser("/push/1")
    page = ada.get("/notifications/push/").content.decode()
    assert f'data-push="{VapidKey.objects.get().public_key}"' in page

    answer = ada.post("/notifications/push/subscribe/", browser.subscription(stand_in))
    row = PushSubscription.objects.get()
    assert answer.status_code == 302

    run_tasks(lambda: ada.post(f"/notifications/push/{row.id}/test/"))
    assert browser.decrypt(stand_in.requests[0].body)["title"] == "푸시 알림이 여기로 와요"
    assert "127.0.0.1" in ada.get("/notifications/push/").content.decode()

    ada.post(f"/notifications/push/{row.id}/unsubscribe/")
    assert not PushSubscription.objects.exists()


def test_a_test_is_not_sent_twice_in_half_a_minute(browser: Browser, api_as: Callable[..., Any]) -> None:
    path = f"/api/v1/notification/push/subscriptions/{PushSubscription.objects.get().id}/test"

    assert [api_as(ADA).post(path).status_code for _ in range(2)] == [202, 429]


def test_without_a_key_push_is_off_and_the_owner_sees_why(
    browser: Browser, stand_in: StandIn, settings: Any, as_principal: Callable[..., Any]
) -> None:
    delivery = announce()
    settings.FIELD_KEY = []

    send()

    delivery.refresh_from_db()
    assert (delivery.skipped, stand_in.requests) == ("no_key", [])
    assert "꺼져 있어요" in as_principal(ADA).get("/notifications/push/").content.decode()
    owner = as_principal(BORIS, roles=["owner"])
    assert "FIELD_KEY" in owner.get("/notifications/health/").content.decode()


def test_a_key_that_cannot_be_decrypted_turns_push_off(
    browser: Browser, stand_in: StandIn, settings: Any, as_principal: Callable[..., Any]
) -> None:
    settings.FIELD_KEYS = settings.FIELD_KEY = ["bG9zdGxvc3Rsb3N0bG9zdGxvc3Rsb3N0bG9zdGxvc3Q="]
    delivery = announce()

    send()

    delivery.refresh_from_db()
    assert delivery.skipped == "no_key"
    # Nobody is asked for permission, or promised a test, in vain.
    assert "꺼져 있어요" in as_principal(ADA).get("/notifications/push/").content.decode()
    with pytest.raises(actions.PushIsOff):
        actions.start_test(subscription=PushSubscription.objects.get(), at=NOW)
    assert "FIELD_KEY" in as_principal(BORIS, roles=["owner"]).get("/notifications/health/").content.decode()


def test_a_test_message_leaves_its_error_on_the_row(browser: Browser, stand_in: StandIn) -> None:
    stand_in.answers["/push/1"] = (503, {})

    tasks.send_test(str(PushSubscription.objects.get().id), "ko")

    assert PushSubscription.objects.get().error == "the server answered 503"


def test_worker_and_manifest_are_at_the_root(client: Any, settings: Any) -> None:
    worker = client.get("/service-worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert worker["Cache-Control"] == "no-cache"
    assert b"showNotification" in worker.content
    assert b"pushsubscriptionchange" in worker.content
    manifest = client.get("/manifest.webmanifest", HTTP_ACCEPT_LANGUAGE="ko")
    assert manifest["Content-Type"] == "application/manifest+json"
    assert manifest.json()["name"] == "서당"
    assert manifest.json()["scope"] == "/"
