"""Setting a hook up: one a cohort, its secret shown once, by page and by REST."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from chassis.crypto import decrypt
from chassis.testing import assert_constant_queries
from study.github.actions.hooks import delete_old_deliveries
from study.github.models import Hook, HookDelivery
from tests.conftest import ADA, BORIS, CLARA, OLGA
from tests.github.payloads import fixture, pull_request

pytestmark = pytest.mark.django_db

API = "/api/v1/study"


def text(answer) -> str:
    return str(answer.content.decode())


def secret_in(answer) -> str:
    (secret,) = re.findall(r'id="secret" value="([^"]+)"', text(answer))
    return str(secret)


def test_an_operator_sets_the_hook_up_and_sees_its_secret_once(club, as_principal, send_to):
    olga, path = as_principal(OLGA), f"/cohorts/{club.cohort.id}/hook/"
    assert "아직 훅이 없어요" in text(olga.get(path))

    made = olga.post(path)

    hook, secret = Hook.objects.get(), secret_in(made)
    assert made.headers["Cache-Control"] == "private, no-store"
    assert f"http://testserver/hooks/github/{hook.id}" in text(made)
    assert send_to(hook.id, secret, "ping", fixture("ping")).status_code == 200
    assert secret not in text(olga.get(path))
    assert secret not in hook.secret
    assert decrypt(hook.secret) == secret


def test_a_second_hook_is_not_made(club, hook, as_principal):
    answer = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/hook/", follow=True)

    assert answer.status_code == 200
    assert Hook.objects.count() == 1
    assert 'id="secret"' not in text(answer)


def test_a_new_secret_is_made_once_asked_and_the_old_one_lasts_a_day(club, hook, as_principal, send_to):
    olga, path = as_principal(OLGA), f"/cohorts/{club.cohort.id}/hook/rotate/"
    assert "24시간" in text(olga.get(path))
    assert Hook.objects.get().previous_secret == ""

    new = secret_in(olga.post(path))

    assert new != hook.secret
    for secret in (new, hook.secret):
        assert send_to(hook.hook.id, secret, "ping", fixture("ping")).status_code == 200
    until = Hook.objects.get().previous_secret_expires_at
    assert until is not None
    assert timedelta(hours=23) < until - timezone.now() <= timedelta(hours=24)


@pytest.mark.parametrize("who", [ADA, BORIS, CLARA])
@pytest.mark.parametrize("path", ["hook/", "hook/rotate/"])
def test_the_hook_is_the_operators_alone(club, hook, as_principal, who, path):
    client = as_principal(who)

    assert client.get(f"/cohorts/{club.cohort.id}/{path}").status_code == 404
    assert client.post(f"/cohorts/{club.cohort.id}/{path}").status_code == 404
    assert decrypt(Hook.objects.get().secret) == hook.secret


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
        "훅이 잘 이어졌어요",
        "제출이 됐어요",
        "이 저장소를 쓰는 미션이 없어요",
    ):
        assert words in shown


def test_old_notes_of_deliveries_go(mission, send):
    send("ping", fixture("ping"))
    send("push", {})
    old = HookDelivery.objects.earliest("id")
    HookDelivery.objects.filter(id=old.id).update(received_at=timezone.now() - timedelta(days=31))

    assert delete_old_deliveries(at=timezone.now()) == 1
    assert HookDelivery.objects.count() == 1


def test_the_same_by_rest(club, api_as, send_to):
    olga, path = api_as(OLGA), f"{API}/cohorts/{club.cohort.id}/hook"
    assert olga.get(path).status_code == 404

    made = olga.post(path)

    assert made.status_code == 201
    hook, secret = made.json()["hook"], made.json()["secret"]
    assert hook["address"] == f"http://testserver/hooks/github/{hook['id']}"
    assert olga.post(path).json()["code"] == "hook_exists"
    assert olga.get(path).json() == hook
    assert send_to(UUID(hook["id"]), secret, "push", {}).status_code == 200
    changed = olga.post(f"{path}/rotate")
    assert changed.json()["secret"] != secret
    assert changed.json()["hook"]["previous_until"] is not None
    (delivery,) = olga.get(f"{path}/deliveries").json()["results"]
    assert (delivery["event"], delivery["outcome"]) == ("push", "ignored")
    for who in (ADA, BORIS, CLARA):
        assert api_as(who).get(path).status_code == 404
        assert api_as(who).post(f"{path}/rotate").status_code == 404
