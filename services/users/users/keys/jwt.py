"""Sign the JWTs that every service verifies offline."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from joserfc import jwt
from joserfc.jwk import OKPKey

from chassis.crypto import decrypt
from chassis.settings_base import TOKEN_LIFETIME
from users.keys.actions import ensure_key

ALGORITHM = "Ed25519"


def access_token(account_claims: dict[str, Any], *, audience: list[str], scope: str, at: datetime) -> str:
    """Return an access token with the account's claims, valid for ten minutes from `at`."""
    return _sign({"aud": audience, "use": "access", "scope": scope, **account_claims}, at=at)


def service_token(*, service: str, audience: str, at: datetime) -> str:
    """Return a token with which one service calls another, valid for ten minutes from `at`."""
    return _sign({"sub": service, "aud": [audience], "use": "service"}, at=at)


def _sign(claims: dict[str, object], *, at: datetime) -> str:
    key = ensure_key(at=at)
    begins = int(at.timestamp())
    times = {"iat": begins, "nbf": begins, "exp": begins + int(TOKEN_LIFETIME.total_seconds())}
    private = OKPKey.import_key(json.loads(decrypt(key.private_encrypted)))
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": key.id}
    body = {"iss": settings.PUBLIC_URL, "jti": uuid.uuid4().hex, **times, **claims}
    return jwt.encode(header, body, private, algorithms=[ALGORITHM])
