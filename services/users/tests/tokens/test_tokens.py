"""Personal access tokens."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from chassis.testing import NOW
from chassis.testing.checked_client import CheckedClient
from chassis.web.auth import InvalidToken, verify
from tests.conftest import CLIENT_INFO
from users.accounts.actions.roles import disable
from users.accounts.models import Account, AuditEntry, AuditKind
from users.ratelimit.rules import WINDOW
from users.tokens import actions, rules
from users.tokens.models import PersonalToken

pytestmark = pytest.mark.django_db


def make(here: Client, scope: str = rules.READ_WRITE, name: str = "attendance bot") -> str:
    page = here.post("/accounts/tokens/", {"name": name, "scope": scope, "days": 30})
    assert page.status_code == 201
    found = re.search(r'value="(sdg_\w+)"', page.content.decode())
    assert found
    return found[1]


def exchange(token: str, audience: str = "users", **more: Any) -> Any:
    return CheckedClient().post("/api/v1/users/token", {"token": token, "audience": audience}, **more)


def test_a_token_is_shown_once_and_kept_as_a_digest(ada: Account, browser: Any) -> None:
    here = browser(ada)

    token = make(here)

    assert rules.has_valid_checksum(token)
    assert token not in here.get("/accounts/tokens/").content.decode()
    row = PersonalToken.objects.get()
    assert (row.digest, row.ending) == (rules.digest(token), token[-4:])
    assert token not in str(vars(row))
    assert AuditEntry.objects.filter(
        account=ada, kind=AuditKind.TOKEN_CREATED, about="attendance bot"
    ).exists()


def test_a_token_becomes_one_for_ten_minutes_and_one_service(ada: Account, browser: Any) -> None:
    token = make(browser(ada))

    answer = exchange(token).json()

    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 600, "read write")
    assert verify(answer["access_token"]).account_id == ada.id
    with pytest.raises(InvalidToken):
        verify(exchange(token, "study").json()["access_token"])


def test_a_token_that_may_only_read_writes_nothing(ada: Account, browser: Any) -> None:
    jwt = exchange(make(browser(ada), rules.READ)).json()["access_token"]
    api = CheckedClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {jwt}")

    assert api.get("/api/v1/users/me").status_code == 200
    assert api.patch("/api/v1/users/me", {"name": "Eve"}).status_code == 403
    ada.refresh_from_db()
    assert ada.name == "Ada"


def test_no_token_makes_a_token(ada: Account, api_for: Any) -> None:
    assert api_for(ada).post("/api/v1/users/tokens", {"name": "x"}).status_code == 405
    page = CheckedClient()
    page.cookies["seodang"] = "x"
    assert page.post("/accounts/tokens/", {"name": "x", "scope": "read", "days": 30}).status_code == 307
    assert not PersonalToken.objects.exists()


def test_the_last_use_is_shown(ada: Account, browser: Any) -> None:
    here = browser(ada)
    token = make(here)
    assert PersonalToken.objects.get().last_used_at is None

    exchange(token, HTTP_X_FORWARDED_FOR="203.0.113.9")

    row = PersonalToken.objects.get()
    assert row.last_used_at
    assert "203.0.113.9" in here.get("/accounts/tokens/").content.decode()
    assert CheckedClient().get("/api/v1/users/tokens").status_code == 401


def test_a_revoked_an_expired_and_a_made_up_token_are_refused_alike(ada: Account, browser: Any) -> None:
    here = browser(ada)
    revoked, expired = make(here), make(here)
    row = PersonalToken.objects.get(digest=rules.digest(revoked))
    assert here.get(f"/accounts/tokens/{row.id}/revoke/").status_code == 200
    here.post(f"/accounts/tokens/{row.id}/revoke/")
    PersonalToken.objects.filter(digest=rules.digest(expired)).update(expires_at=F("made_at"))

    answers = [exchange(token) for token in (revoked, expired, rules.new_token(), "sdg_short", "x")]

    assert {(a.status_code, a.json()["code"]) for a in answers} == {(401, "token_refused")}
    assert AuditEntry.objects.filter(account=ada, kind=AuditKind.TOKEN_REVOKED).exists()


def test_the_tokens_of_a_disabled_account_are_refused_at_once(ada: Account, browser: Any) -> None:
    token = make(browser(ada))

    disable(account_id=ada.id, client=CLIENT_INFO, at=NOW)

    assert exchange(token).status_code == 401


def test_another_persons_token_is_not_there(ada: Account, clara: Account, browser: Any, api_for: Any) -> None:
    make(browser(ada))
    row = PersonalToken.objects.get()

    assert browser(clara).post(f"/accounts/tokens/{row.id}/revoke/").status_code == 404
    assert api_for(clara).delete(f"/api/v1/users/tokens/{row.id}").status_code == 404
    assert api_for(clara).get("/api/v1/users/tokens").json() == {"results": [], "next": None}
    assert api_for(ada).delete(f"/api/v1/users/tokens/{row.id}").status_code == 204
    assert not PersonalToken.objects.exists()


def test_wrong_tokens_are_counted_and_right_ones_are_not(ada: Account, browser: Any) -> None:
    token = make(browser(ada))
    for _ in range(20):
        assert exchange(token).status_code == 200

    answers = [exchange(rules.new_token()) for _ in range(61)]

    assert [answer.status_code for answer in answers] == [401] * 60 + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= WINDOW.total_seconds()
    assert exchange(token).status_code == 200, "a classroom behind one address"


def test_there_is_an_end_to_how_many_tokens_one_has(ada: Account) -> None:
    def create() -> str:
        return actions.create(
            account_id=ada.id, name="x", scope=rules.READ, days=7, client=CLIENT_INFO, at=NOW
        )

    for _ in range(rules.MAX_TOKENS):
        create()
    with pytest.raises(actions.TooManyTokens):
        create()

    PersonalToken.objects.update(expires_at=NOW - timedelta(days=1))
    create()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "", "scope": "read", "days": 30},
        {"name": "x", "scope": "all", "days": 30},
        {"name": "x", "scope": "read", "days": 9999},
    ],
)
def test_a_form_that_is_wrong_makes_nothing(ada: Account, browser: Any, body: dict[str, Any]) -> None:
    assert browser(ada).post("/accounts/tokens/", body).status_code == 422
    assert not PersonalToken.objects.exists()


@pytest.mark.parametrize(("language", "days"), [("ko", "90일"), ("en", "90 days")])
def test_how_long_it_lasts_is_said_in_the_readers_language(
    ada: Account, browser: Any, language: str, days: str
) -> None:
    here = browser(ada)
    here.cookies["django_language"] = language

    assert f">{days}</option>" in here.get("/accounts/tokens/").content.decode()
