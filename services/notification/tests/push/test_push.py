"""Web push: only the browser can read it, what is gone is unsubscribed, what is busy is left alone."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.testing import NOW
from chassis.testing.https_stand_in import StandIn
from notification.delivery.actions import deliver, schedule_deliveries
from notification.delivery.models import Delivery
from notification.delivery.queries import due
from notification.delivery.rules import delivery_backoff
from notification.inbox.actions import create_notifications
from notification.inbox.rules import KINDS
from notification.preferences.actions import update_preferences
from notification.preferences.models import Preference
from notification.push import actions, queries, tasks, webpush
from notification.push.models import PushSubscription, VapidKey
from notification.push.rules import digest_of
from tests.conftest import ADA, BORIS, COHORT


def encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


@dataclass
class Browser:
    """Its keys, and how it decrypts a message (RFC 8291, by the primitives)."""

    path: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"0123456789abcdef"

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self, stand_in: StandIn) -> dict[str, str]:
        return {
            "endpoint": stand_in.url(self.path),
            "p256dh": encode(self.public),
            "auth": encode(self.auth),
        }

    def decrypt(self, body: bytes) -> Any:
        salt, length = body[:16], body[20]
        sender, text = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        )
        secret = derive(self.auth, shared, b"WebPush: info\0" + self.public + sender, 32)
        key = derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(salt, secret, b"Content-Encoding: nonce\0", 12)
        return json.loads(AESGCM(key).decrypt(nonce, text, None).rstrip(b"\0").removesuffix(b"\2"))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def browser(mirror_rows: None, stand_in: StandIn) -> Browser:
    """A browser of Ada."""
    return subscribe(Browser("/push/1"), stand_in)


def subscribe(browser: Browser, stand_in: StandIn, account_id: Any = ADA, at: datetime = NOW) -> Browser:
    actions.create_vapid_key(at=at)
    actions.subscribe(account_id=account_id, at=at, **browser.subscription(stand_in))
    return browser


def announce(at: datetime = NOW) -> Delivery:
    """Notify Ada of an announcement; return the delivery over push."""
    notifications = create_notifications(
        kind="announcement",
        key="announcement:1",
        recipients=[ADA],
        url="/announcements/1/",
        context={"title": "OT", "excerpt": "비밀", "cohort": "16기"},
        occurred_at=at,
        cohort_id=COHORT,
    )
    schedule_deliveries(notifications=notifications, send_at=at, at=at)
    return Delivery.objects.get(channel="push")


def send(at: datetime = NOW) -> None:
    with webpush.channel() as sender:
        for delivery in due(at, limit=9, channel="push"):
            deliver(delivery=delivery, at=at, senders={"push": sender})


def test_only_the_browser_reads_the_message(browser: Browser, stand_in: StandIn) -> None:
    delivery = announce()

    send()

    [request] = stand_in.requests
    assert b"OT" not in request.body
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


def test_push_is_on_for_what_is_mailed_once_a_browser_subscribes(browser: Browser) -> None:
    on = set(
        Preference.objects.filter(account_id=ADA, channel="push", on=True).values_list("kind", flat=True)
    )

    assert "announcement" in on
    assert "submission_received" not in on


def test_push_is_on_also_for_who_saved_the_settings_before(mirror_rows: None, stand_in: StandIn) -> None:
    """The page saves a choice for every kind and channel."""
    update_preferences(account_id=ADA, choices={(kind, "push"): False for kind in KINDS})

    subscribe(Browser("/push/1"), stand_in)

    assert Preference.objects.get(account_id=ADA, kind="announcement", channel="push").on


def test_another_browser_turns_nothing_on(browser: Browser, stand_in: StandIn) -> None:
    update_preferences(account_id=ADA, choices={(kind, "push"): False for kind in KINDS})

    subscribe(Browser("/push/2"), stand_in)

    assert not Preference.objects.filter(account_id=ADA, channel="push", on=True).exists()


def test_the_browser_of_another_account_changes_hands(browser: Browser, stand_in: StandIn) -> None:
    PushSubscription.objects.update(sent_at=NOW, tested_at=NOW)
    subscribe(browser, stand_in, account_id=BORIS)

    row = PushSubscription.objects.get()
    # When Ada received something is nothing to Boris.
    assert (row.account_id, row.sent_at, row.tested_at) == (BORIS, None, None)
    delivery = announce()
    send()
    delivery.refresh_from_db()
    assert (delivery.skipped, stand_in.requests) == ("no_device", [])


def test_the_oldest_browser_is_replaced(mirror_rows: None, stand_in: StandIn) -> None:
    for number in range(actions.MAX_SUBSCRIPTIONS + 1):
        subscribe(Browser(f"/push/{number}"), stand_in, at=NOW + timedelta(minutes=number))

    assert PushSubscription.objects.count() == actions.MAX_SUBSCRIPTIONS
    assert not PushSubscription.objects.filter(created_at=NOW).exists()


GOOD = Browser("/").subscription(StandIn(443))


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://push.example/1"},
        {"endpoint": "https://push.example:8443/1"},
        {"endpoint": "https://user@push.example/1"},
        {"p256dh": "AAAA"},
        {"p256dh": encode(b"\4" + 64 * b"\1")},
        {"auth": encode(b"short")},
        {"auth": "!!"},
    ],
)
def test_a_subscription_that_cannot_be_used_is_refused(
    change: dict[str, str], db: None, api_as: Callable[..., Any]
) -> None:
    body = {**GOOD, "endpoint": "https://push.example/1", **change}

    answer = api_as(ADA).post("/api/v1/notification/push/subscriptions", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_subscription")
    assert not PushSubscription.objects.exists()


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
    # Nobody is asked for permission, or told that a test is on its way, in vain.
    assert "꺼져 있어요" in as_principal(ADA).get("/notifications/push/").content.decode()
    with pytest.raises(actions.PushIsOff):
        actions.start_test(subscription=PushSubscription.objects.get(), at=NOW)
    assert "FIELD_KEY" in as_principal(BORIS, roles=["owner"]).get("/notifications/health/").content.decode()


def test_a_test_message_leaves_its_error_on_the_row(browser: Browser, stand_in: StandIn) -> None:
    stand_in.answers["/push/1"] = (503, {})

    tasks.send_test(str(PushSubscription.objects.get().id), "ko")

    assert PushSubscription.objects.get().error == "the server answered 503"


def renewal(old: Browser, new: Browser, stand_in: StandIn) -> dict[str, str]:
    """What the service worker posts when the push service replaced a subscription."""
    former = old.subscription(stand_in)
    return {
        **new.subscription(stand_in),
        "old_endpoint": former["endpoint"],
        "old_auth": former["auth"],
    }


RENEW = "/notifications/push/renew/"


def test_a_browser_renews_its_subscription_while_nobody_is_signed_in(
    browser: Browser, stand_in: StandIn
) -> None:
    renewed = Browser("/push/2", auth=b"fedcba9876543210")
    delivery = announce()

    answer = Client(enforce_csrf_checks=True).post(RENEW, renewal(browser, renewed, stand_in))

    assert answer.status_code == 204
    row = PushSubscription.objects.get()
    assert (row.account_id, row.created_at) == (ADA, NOW)
    send()
    [request] = stand_in.requests
    assert request.path == "/push/2"
    assert renewed.decrypt(request.body)["url"] == f"/notifications/{delivery.notification_id}/"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        # The push service knows the endpoint, and not the secret.
        ({"old_auth": encode(b"fedcba9876543210")}, 404),
        ({"old_endpoint": "https://push.example/other"}, 404),
        ({"old_auth": ""}, 404),
        ({"endpoint": "http://127.0.0.1/"}, 400),
    ],
)
def test_only_the_browser_renews_its_subscription(
    change: dict[str, str], status: int, browser: Browser, stand_in: StandIn, client: Client
) -> None:
    body = renewal(browser, Browser("/push/2"), stand_in)

    answer = client.post(RENEW, {**body, **change})

    assert answer.status_code == status
    assert queries.subscription_of(PushSubscription.objects.get()).endpoint.endswith("/push/1")  # type: ignore[union-attr]


def test_a_browser_that_the_page_subscribed_again_is_renewed_to_one_row(
    browser: Browser, stand_in: StandIn, client: Client
) -> None:
    again = subscribe(Browser("/push/2"), stand_in)

    assert client.post(RENEW, renewal(browser, again, stand_in)).status_code == 204

    assert queries.subscription_of(PushSubscription.objects.get()).endpoint.endswith("/push/2")  # type: ignore[union-attr]


def test_worker_and_manifest_are_at_the_root(client: Any, settings: Any) -> None:
    worker = client.get("/service-worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert worker["Cache-Control"] == "no-cache"
    assert b"showNotification" in worker.content
    assert RENEW.encode() in worker.content
    manifest = client.get("/manifest.webmanifest", HTTP_ACCEPT_LANGUAGE="ko")
    assert manifest["Content-Type"] == "application/manifest+json"
    assert manifest.json()["name"] == "서당"
    assert manifest.json()["scope"] == "/"
