"""Fixtures: signed-in browsers and API clients."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session", autouse=True)
def plain_static() -> Iterator[None]:
    """Pages name static files by their own names: nobody collects them for a test."""
    from django.conf import settings
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        yield


@pytest.fixture(scope="session")
def signing_key() -> Any:
    """The key that signs this run's tokens, known to the service's key cache."""
    from joserfc.jwk import OKPKey

    from chassis.web.jwks import keys

    key = OKPKey.generate_key("Ed25519", parameters={"kid": "tests", "use": "sig"}, private=True)
    keys._keys["tests"] = key
    keys._fetched_at = float("inf")
    return key


@pytest.fixture
def token_for(signing_key: Any) -> Callable[..., str]:
    """token_for(account_id, scope=…, roles=…, **other claims) → a signed token for this service."""
    from django.conf import settings
    from joserfc import jwt

    def mint(account_id: uuid.UUID | str, **claims: Any) -> str:
        now = time.time()
        body = {
            "iss": settings.PUBLIC_URL,
            "aud": [settings.SERVICE],
            "sub": str(account_id),
            "nbf": now - 1,
            "iat": now - 1,
            "exp": now + 600,
            "use": "access",
            "scope": "read write",
            "roles": [],
            "locale": "ko",
            "zoneinfo": "Asia/Seoul",
            **claims,
        }
        return jwt.encode({"alg": "Ed25519", "kid": "tests"}, body, signing_key, algorithms=["Ed25519"])

    return mint


@pytest.fixture
def as_principal(token_for: Callable[..., str]) -> Callable[..., Any]:
    """as_principal(account_id, roles=…) → a browser (Django's Client) of that person; None for nobody."""
    from django.conf import settings
    from django.test import Client

    from chassis.web.auth import PAGES

    def browser(account_id: uuid.UUID | None, **claims: Any) -> Client:
        client = Client()
        if account_id is not None:
            claims = {"aud": [settings.SERVICE, PAGES], **claims}
            client.cookies[settings.TOKEN_COOKIE] = token_for(account_id, **claims)
        return client

    return browser


@pytest.fixture
def api_as(token_for: Callable[..., str]) -> Callable[..., Any]:
    """api_as(account_id, scope=…, roles=…) → an API client with that person's token; None for nobody."""
    from chassis.testing.checked_client import CheckedClient

    def client(account_id: uuid.UUID | str | None, **claims: Any) -> CheckedClient:
        api = CheckedClient()
        if account_id is not None:
            api.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(account_id, **claims)}")
        return api

    return client
