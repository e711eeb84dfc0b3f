"""Closing an account."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.serializers import serialize
from django.db import models
from django.test import Client
from django.utils import timezone

from chassis.events import relay
from chassis.events.models import OutboxEvent
from chassis.testing import NOW
from chassis.testing.checked_client import CheckedClient
from tests.conftest import CLIENT_INFO, PASSWORD, sign_in
from users.accounts.actions.github import link_github
from users.accounts.actions.profile import anonymise
from users.accounts.actions.registration import register
from users.accounts.actions.roles import make_owner
from users.accounts.models import Account
from users.tokens import actions as tokens

pytestmark = pytest.mark.django_db


def close(here: Client, password: str = PASSWORD) -> Any:
    return here.post("/accounts/close/", {"password": password})


def test_closing_asks_and_wants_the_password(ada: Account, browser: Any, published: Any) -> None:
    here = browser(ada)

    assert here.get("/accounts/close/").status_code == 200
    assert close(here, "not my password").status_code == 422

    ada.refresh_from_db()
    assert ada.closed_at is None
    assert published("users.account_closed.v1") == []


def test_a_closed_account_is_out_everywhere_at_once(ada: Account, browser: Any, published: Any) -> None:
    here, phone = browser(ada), browser(ada)
    token = tokens.create(
        account_id=ada.id, name="bot", scope="read", days=7, client=CLIENT_INFO, at=timezone.now()
    )

    answer = close(here)

    assert answer.cookies["seodang"].value == ""
    (event,) = published("users.account_closed.v1")
    ada.refresh_from_db()
    assert event == {"account_id": str(ada.id), "version": ada.version}
    assert phone.get("/accounts/renew?next=/").headers["Location"].startswith("/accounts/login/")
    assert sign_in(Client()).status_code == 422
    exchange = CheckedClient().post("/api/v1/users/token", {"token": token, "audience": "users"})
    assert exchange.status_code == 401
    assert not Session.objects.exists()


def test_nothing_personal_is_left_in_any_table(
    ada: Account, browser: Any, api_for: Any, deliver_emails: Any, published: Any
) -> None:
    """D1: personal data is entered wherever possible; afterwards no row contains it."""
    here = browser(ada)
    here.post("/accounts/profile/", {"name": "Ada Canary", "language": "ko", "time_zone": "Asia/Seoul"})
    link_github(account_id=ada.id, github_id=777001, login="canary-login", client=CLIENT_INFO, at=NOW)
    tokens.create(account_id=ada.id, name="canary token", scope="read", days=7, client=CLIENT_INFO, at=NOW)
    here.post("/accounts/data/")
    here.post("/accounts/email/", {"email": "canary@new.example", "password": PASSWORD})
    planted = ["ada@club.example", "ada canary", "777001", "canary-login", "canary token", "192.0.2.7"]
    assert all(word in serialize_all_tables() for word in planted)

    close(here)
    deliver_emails()

    # Outbox rows hold the account id until they are acknowledged and pruned.
    OutboxEvent.objects.all().delete()
    kept = serialize_all_tables()
    assert [word for word in planted if word in kept] == []
    assert not EmailAddress.objects.exists()
    assert not UserSession.objects.exists()


def serialize_all_tables() -> str:
    tables: list[type[models.Model]] = [
        model
        for model in apps.get_models()
        if model._meta.managed and model._meta.app_label != "contenttypes"
    ]
    return "\n".join(serialize("json", model._default_manager.all()) for model in tables).lower()


def test_the_page_shows_which_services_have_erased(ada: Account, browser: Any) -> None:
    here = browser(ada)
    where = close(here).headers["Location"]
    stranger = Client()

    waiting = stranger.get(where).content.decode()
    assert "hx-trigger" in waiting

    for row in OutboxEvent.objects.filter(name="users.account_closed.v1"):
        assert "hx-trigger" in stranger.get(where, headers={"HX-Request": "true"}).content.decode()
        relay.acknowledge(event_id=row.event_id, consumer=row.consumer, at=NOW)

    done = stranger.get(where, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in done
    assert "<html" not in done


@pytest.mark.parametrize("token", ["x", "x:y:z"])
def test_a_made_up_address_shows_nothing(token: str) -> None:
    assert Client().get(f"/accounts/closed/{token}/").status_code == 404


def test_the_only_owner_cannot_leave_but_one_of_two_can(olga: Account, ada: Account, browser: Any) -> None:
    here = browser(olga)
    assert close(here).status_code == 409
    olga.refresh_from_db()
    assert olga.closed_at is None

    make_owner(account_id=ada.id, client=CLIENT_INFO, at=NOW)

    assert close(here).status_code == 302


def test_without_a_password_a_recent_sign_in_is_required(person: Any) -> None:
    """An old session is not enough; test_github tests the recent sign-in."""
    ada = person("ada@club.example", password=None)
    here = Client()
    here.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert close(here).status_code == 422
    ada.refresh_from_db()
    assert ada.closed_at is None


def test_closing_sends_an_email_to_the_former_address(
    ada: Account, browser: Any, deliver_emails: Any
) -> None:
    close(browser(ada))

    (email,) = [email for email in deliver_emails() if email.to == "ada@club.example"]
    assert email.subject


def test_a_name_and_address_may_be_used_anew(ada: Account, browser: Any) -> None:
    close(browser(ada))

    Client().post("/accounts/signup/", {"email": "ada@club.example"})

    assert Account.objects.get(email="ada@club.example").id != ada.id


def test_closing_an_unconfirmed_account_publishes_nothing(db: None, published: Any) -> None:
    account = Account(email="never@club.example", name="Never")
    account.set_unusable_password()
    register(account=account, client=CLIENT_INFO, at=NOW)

    anonymise(account_id=account.id, at=NOW)

    assert published("users.account_closed.v1") == []
