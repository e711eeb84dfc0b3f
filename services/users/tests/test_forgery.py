"""A7: forged, foreign and expired tokens are refused."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis.crypto import decrypt
from chassis.testing.checked_client import CheckedClient
from users.accounts.models import Account
from users.keys.actions import ensure_key
from users.keys.jwt import access_token, service_token
from users.keys.models import SigningKey

pytestmark = pytest.mark.django_db


def our_key() -> tuple[SigningKey, OKPKey]:
    row = ensure_key(at=timezone.now())
    return row, OKPKey.import_key(json.loads(decrypt(row.private_encrypted)))


def signed(account: Account, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
    row, pair = our_key()
    now = int(time.time())
    body = {
        "iss": settings.PUBLIC_URL,
        "aud": ["users"],
        "sub": str(account.id),
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "use": "access",
        "scope": "read write",
        "roles": [],
        **claims,
    }
    body = {name: value for name, value in body.items() if value is not None}
    full = {"alg": "Ed25519", "typ": "JWT", "kid": row.id, **(header or {})}
    return jwt.encode(full, body, key or pair, algorithms=[full["alg"]])


def part(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def none_algorithm(account: Account) -> str:
    _head, body, _signature = signed(account).split(".")
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}."


def hs256_with_the_public_key(account: Account) -> str:
    row, _pair = our_key()
    secret = OctKey.import_key(json.dumps(row.public).encode())
    return signed(account, {"alg": "HS256"}, secret)


def key_of_the_attacker(account: Account) -> str:
    return signed(account, key=OKPKey.generate_key("Ed25519", private=True))


def key_in_the_header(account: Account) -> str:
    pair = OKPKey.generate_key("Ed25519", private=True)
    return signed(account, {"jwk": pair.as_dict(private=False)}, pair)


def key_at_an_address(account: Account) -> str:
    pair = OKPKey.generate_key("Ed25519", private=True)
    return signed(account, {"jku": "https://evil.example/jwks.json"}, pair)


def other_body(account: Account) -> str:
    head, _body, signature = signed(account).split(".")
    return f"{head}.{part({'sub': str(account.id), 'exp': time.time() + 600})}.{signature}"


FORGERIES: dict[str, Callable[[Account], str]] = {
    "algorithm none": none_algorithm,
    "HS256 with the public key": hs256_with_the_public_key,
    "another's key under our key's id": key_of_the_attacker,
    "a key that comes along": key_in_the_header,
    "a key from elsewhere": key_at_an_address,
    "the signature of another body": other_body,
    "for another service": lambda a: signed(a, aud=["study"]),
    "for nobody": lambda a: signed(a, aud=None),
    "of another issuer": lambda a: signed(a, iss="https://evil.example"),
    "of no issuer": lambda a: signed(a, iss=None),
    "over": lambda a: signed(a, exp=int(time.time()) - 1),
    "without an end": lambda a: signed(a, exp=None),
    "not yet begun": lambda a: signed(a, nbf=int(time.time()) + 300),
    "of no use": lambda a: signed(a, use=None),
    "of another use": lambda a: signed(a, use="refresh"),
    "of a key that nobody knows": lambda a: signed(a, {"kid": "nobody"}),
    "of no key": lambda a: signed(a, {"kid": ""}),
    "of no person": lambda a: signed(a, sub="1"),
    "cut short": lambda a: signed(a)[:-8],
    "two parts": lambda a: signed(a).rpartition(".")[0],
    "no token at all": lambda _: "seodang",
    "empty": lambda _: "",
    "a personal access token": lambda _: "sdg_" + "x" * 42,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_token_opens_nothing(ada: Account, forge: Callable[[Account], str]) -> None:
    api = CheckedClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {forge(ada)}")

    answer = api.get("/api/v1/users/me")

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_service_is_nobody(ada: Account) -> None:
    api = CheckedClient()
    token = service_token(service="study", audience="users", at=timezone.now())
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    assert api.get("/api/v1/users/me").status_code == 403


def test_a_person_is_no_service(ada: Account, api_for: Any) -> None:
    assert api_for(ada).get("/internal/accounts").status_code == 403
    assert api_for(None).get("/internal/accounts").status_code == 401


def test_the_right_one_opens(ada: Account) -> None:
    api = CheckedClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {signed(ada)}")

    assert api.get("/api/v1/users/me").json()["email"] == "ada@club.example"


def test_ten_thousand_unknown_key_ids_ask_for_the_keys_once(
    ada: Account, django_assert_max_num_queries: Any
) -> None:
    api = CheckedClient()
    tokens = [signed(ada, {"kid": uuid.uuid4().hex}) for _ in range(30)]

    with django_assert_max_num_queries(1):
        for token in tokens:
            api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
            assert api.get("/api/v1/users/me").status_code == 401


def test_a_token_says_for_whom_of_whom_and_for_how_long(ada: Account) -> None:
    now = timezone.now()
    ada.is_owner, ada.language, ada.time_zone = True, "en", "UTC"
    token = access_token(ada.claims, audience=["study"], scope="read", at=now)
    row, pair = our_key()

    decoded = jwt.decode(token, pair, algorithms=["Ed25519"])

    assert decoded.header == {"alg": "Ed25519", "typ": "JWT", "kid": row.id}
    claims = dict(decoded.claims)
    assert claims.pop("jti")
    began = int(now.timestamp())
    assert claims == {
        "iss": settings.PUBLIC_URL,
        "aud": ["study"],
        "sub": str(ada.id),
        "iat": began,
        "nbf": began,
        "exp": began + 600,
        "use": "access",
        "scope": "read",
        "roles": ["owner"],
        "locale": "en",
        "zoneinfo": "UTC",
    }
