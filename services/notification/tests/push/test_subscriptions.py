"""Browsers: what subscribing turns on, whose they are, and how one renews its subscription."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chassis.testing import NOW
from chassis.testing.https_stand_in import StandIn
from notification.inbox.rules import KINDS
from notification.preferences.actions import update_preferences
from notification.preferences.models import Preference
from notification.push import actions, queries
from notification.push.models import PushSubscription
from tests.conftest import ADA, BORIS
from tests.push.conftest import Browser, announce, encode, send, subscribe


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
