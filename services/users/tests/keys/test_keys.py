"""Key rotation without interruption (A8, A9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.testing import NOW
from users.accounts.models import Account
from users.keys import actions
from users.keys.jwt import access_token
from users.keys.models import SigningKey

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def token_at(account: Account, at: datetime) -> str:
    return access_token(account.claims, audience=["users"], scope="read", at=at)


def listed(at: datetime) -> KeySet:
    keys = [key.public for key in SigningKey.objects.published(at)]
    return KeySet.import_key_set({"keys": keys})


def test_the_jwks_holds_public_keys_and_may_be_cached_for_minutes() -> None:
    actions.ensure_key(at=timezone.now())

    answer = Client().get("/.well-known/jwks.json")

    assert answer.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    (key,) = answer.json()["keys"]
    assert {"kty", "crv", "x", "kid", "use", "alg"} == set(key)
    assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("OKP", "Ed25519", "sig", "Ed25519")


def test_the_private_key_is_encrypted() -> None:
    key = actions.ensure_key(at=NOW)

    assert '"d"' not in key.private_encrypted
    assert key.private_encrypted.startswith("gAAAA")


def test_of_two_processes_that_begin_at_once_only_one_makes_the_first_key() -> None:
    """A verifier that has cached one key would refuse a second one for 30 seconds."""
    first = actions.ensure_key(at=NOW)

    # The other process does not see it yet: `at` is a moment before.
    assert actions.ensure_key(at=NOW - timedelta(seconds=1)) == first
    assert SigningKey.objects.count() == 1


def test_no_unexpired_token_is_refused_during_a_rotation(ada: Account) -> None:
    """At every time, a JWKS of an hour ago and the current one verify every unexpired token."""
    actions.ensure_key(at=NOW)
    rotated_at = NOW + 30 * MINUTE
    lists: dict[datetime, KeySet] = {}
    tokens: dict[datetime, str] = {}
    for minute in range(0, 200, 3):
        now = NOW + minute * MINUTE
        if now == rotated_at:
            actions.rotate(at=now)
        lists[now] = listed(now)
        tokens[now] = token_at(ada, now)
        fetched = max(NOW, now - timedelta(hours=1))
        for age in range(0, 10, 3):
            if token := tokens.get(now - age * MINUTE):
                jwt.decode(token, lists[fetched], algorithms=["Ed25519"])
                jwt.decode(token, lists[now], algorithms=["Ed25519"])

    used = {
        jwt.decode(token, lists[at], algorithms=["Ed25519"]).header["kid"] for at, token in tokens.items()
    }
    assert len(used) == 2


def test_the_old_key_is_deleted_once_its_last_token_expired(ada: Account) -> None:
    old = actions.ensure_key(at=NOW)
    new = actions.rotate(at=NOW)
    assert new.signs_from == NOW + actions.PUBLISH_LEAD_TIME
    last = new.signs_from - MINUTE
    assert jwt.decode(token_at(ada, last), listed(last), algorithms=["Ed25519"]).header["kid"] == old.id

    gone = new.signs_from + actions.RETIREMENT_DELAY

    assert {key.kid for key in listed(gone - MINUTE).keys} == {old.id, new.id}
    assert {key.kid for key in listed(gone).keys} == {new.id}
    assert actions.delete_retired_keys(at=gone) == 1


def test_the_command_rotates_and_says_when() -> None:
    actions.ensure_key(at=timezone.now())
    out = StringIO()

    call_command("rotate_keys", stdout=out)

    newest = SigningKey.objects.order_by("-made_at")[0]
    assert out.getvalue() == f"Key {newest.id} signs from {newest.signs_from:%Y-%m-%d %H:%M} UTC.\n"


def test_rotating_signs_nobody_out(ada: Account, browser: Any) -> None:
    here = browser(ada)

    call_command("rotate_keys", stdout=StringIO())

    assert here.get("/accounts/profile/").status_code == 200
    assert here.get("/api/v1/users/me").status_code == 200


def test_a_leaked_key_is_worth_nothing_at_once(ada: Account, browser: Any, fresh_keys: None) -> None:
    here = browser(ada)
    old = here.cookies["seodang"].value

    call_command("rotate_keys", "--leaked", stdout=StringIO())

    assert len(Client().get("/.well-known/jwks.json").json()["keys"]) == 1
    with pytest.raises(JoseError):
        jwt.decode(old, listed(timezone.now()), algorithms=["Ed25519"])
    assert here.get("/accounts/renew?next=/").status_code == 307


def exchange(service: str, secret: str, audience: str) -> Any:
    body = {"service": service, "secret": secret, "audience": audience}
    return Client().post("/internal/token", body, content_type="application/json")


SECRETS = {
    "study": "a-credential-for-tests-alone-0123456789",
    "notification": "another-credential-for-tests-0123456789",
}


@pytest.mark.parametrize(
    ("service", "audience", "status"),
    [
        ("study", "users", 200),
        ("study", "notification", 403),
        ("study", "study", 403),
        ("notification", "users", 200),
        ("notification", "study", 200),
        ("notification", "notification", 403),
    ],
)
def test_a_service_gets_a_token_for_those_it_may_call(service: str, audience: str, status: int) -> None:
    answer = exchange(service, SECRETS[service], audience)

    assert answer.status_code == status
    if status == 200:
        token = jwt.decode(answer.json()["access_token"], listed(timezone.now()), algorithms=["Ed25519"])
        assert (token.claims["sub"], token.claims["aud"], token.claims["use"]) == (
            service,
            [audience],
            "service",
        )


@pytest.mark.parametrize(
    ("service", "secret"),
    [("study", SECRETS["notification"]), ("study", ""), ("users", ""), ("nobody", SECRETS["study"])],
)
def test_a_wrong_credential_gets_none(service: str, secret: str) -> None:
    answer = exchange(service, secret, "users")

    assert answer.status_code in {400, 401}
    assert "access_token" not in answer.json()
