"""Setting a webhook up: one a cohort, its secret shown once, by page and by REST."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from chassis.crypto import decrypt
from chassis.testing import assert_constant_queries
from study.github.actions.webhooks import delete_old_deliveries
from study.github.models import Webhook, WebhookDelivery
from tests.conftest import ADA, BORIS, CLARA, OLGA
from tests.github.payloads import fixture, pull_request

pytestmark = pytest.mark.django_db

API = "/api/v1/study"


def text(answer) -> str:
    return str(answer.content.decode())


def secret_in(answer) -> str:
    (secret,) = re.findall(r'id="secret" value="([^"]+)"', text(answer))
    return str(secret)


def test_an_operator_sets_the_webhook_up_and_sees_its_secret_once(club, as_principal, send_to):
    olga, path = as_principal(OLGA), f"/cohorts/{club.cohort.id}/hook/"
    assert "아직 웹훅이 없어요" in text(olga.get(path))

    made = olga.post(path)

    webhook, secret = Webhook.objects.get(), secret_in(made)
    assert made.headers["Cache-Control"] == "private, no-store"
    assert f"http://testserver/hooks/github/{webhook.id}" in text(made)
    assert send_to(webhook.id, secret, "ping", fixture("ping")).status_code == 200
    assert secret not in text(olga.get(path))
    assert secret not in webhook.secret
    assert decrypt(webhook.secret) == secret


def test_a_second_webhook_is_not_made(club, webhook, as_principal):
    answer = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/hook/", follow=True)

    assert answer.status_code == 200
    assert Webhook.objects.count() == 1
    assert 'id="secret"' not in text(answer)


def test_a_new_secret_is_made_once_asked_and_the_old_one_lasts_a_day(club, webhook, as_principal, send_to):
    olga, path = as_principal(OLGA), f"/cohorts/{club.cohort.id}/hook/rotate/"
    assert "24시간" in text(olga.get(path))
    assert Webhook.objects.get().previous_secret == ""

    new = secret_in(olga.post(path))

    assert new != webhook.secret
    for secret in (new, webhook.secret):
        assert send_to(webhook.webhook.id, secret, "ping", fixture("ping")).status_code == 200
    until = Webhook.objects.get().previous_secret_expires_at
    assert until is not None
    assert timedelta(hours=23) < until - timezone.now() <= timedelta(hours=24)


@pytest.mark.parametrize("who", [ADA, BORIS, CLARA])
@pytest.mark.parametrize("path", ["hook/", "hook/rotate/"])
def test_the_webhook_is_the_operators_alone(club, webhook, as_principal, who, path):
    client = as_principal(who)

    assert client.get(f"/cohorts/{club.cohort.id}/{path}").status_code == 404
    assert client.post(f"/cohorts/{club.cohort.id}/{path}").status_code == 404
    assert decrypt(Webhook.objects.get().secret) == webhook.secret


def test_deliveries_are_listed_with_what_came_of_them(mission, send, as_principal, club):
    olga = as_principal(OLGA)
    send("ping", fixture("ping"))

    def send_more() -> None:
        send("pull_request", pull_request(), delivery="1234-abcd")
        send("pull_request", pull_request(repository="somebody/else"))

    assert_constant_queries(lambda: olga.get(f"/cohorts/{club.cohort.id}/hook/"), send_more)
    shown = text(olga.get(f"/cohorts/{club.cohort.id}/hook/"))

    for words in (
        "1234-abcd",
        "pull_request.opened",
        "웹훅이 잘 이어졌어요",
        "제출이 됐어요",
        "이 저장소를 쓰는 미션이 없어요",
    ):
        assert words in shown


def test_old_notes_of_deliveries_go(mission, send):
    send("ping", fixture("ping"))
    send("push", {})
    old = WebhookDelivery.objects.earliest("id")
    WebhookDelivery.objects.filter(id=old.id).update(received_at=timezone.now() - timedelta(days=31))

    assert delete_old_deliveries(at=timezone.now()) == 1
    assert WebhookDelivery.objects.count() == 1


def test_the_same_by_rest(club, api_as, send_to):
    olga, path = api_as(OLGA), f"{API}/cohorts/{club.cohort.id}/hook"
    assert olga.get(path).status_code == 404

    made = olga.post(path)

    assert made.status_code == 201
    webhook, secret = made.json()["hook"], made.json()["secret"]
    assert webhook["address"] == f"http://testserver/hooks/github/{webhook['id']}"
    assert olga.post(path).json()["code"] == "hook_exists"
    assert olga.get(path).json() == webhook
    assert send_to(UUID(webhook["id"]), secret, "push", {}).status_code == 200
    changed = olga.post(f"{path}/rotate")
    assert changed.json()["secret"] != secret
    assert changed.json()["hook"]["previous_until"] is not None
    (delivery,) = olga.get(f"{path}/deliveries").json()["results"]
    assert (delivery["event"], delivery["outcome"]) == ("push", "ignored")
    for who in (ADA, BORIS, CLARA):
        assert api_as(who).get(path).status_code == 404
        assert api_as(who).post(f"{path}/rotate").status_code == 404
