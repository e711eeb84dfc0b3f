"""The token check of the rivals: the same signature, claims and cache as the product's."""

from __future__ import annotations

import json
import os
import time
from functools import cache, lru_cache
from typing import Any
from urllib.request import urlopen
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ["Ed25519"]


class InvalidToken(Exception):
    """The token is invalid, for another audience, or expired."""


def account_of(authorization: str) -> UUID:
    """Return the account of an Authorization header. Raise InvalidToken unless it may read now."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidToken("scheme")
    account_id, expires_at = _verified(token.strip())
    if time.time() >= expires_at:
        raise InvalidToken("expired")
    return account_id


@cache
def keys() -> dict[str, Any]:
    """Return the public keys of the users service by their ids."""
    with urlopen(f"{os.environ['USERS_URL']}/.well-known/jwks.json", timeout=5) as response:
        found = KeySet.import_key_set(json.load(response))
    return {str(key.kid): key for key in found.keys}


@lru_cache(maxsize=4096)
def _verified(token: str) -> tuple[UUID, float]:
    try:
        claims = jwt.decode(token, _key_for, algorithms=ALGORITHMS).claims
        if claims["iss"] != os.environ["PUBLIC_URL"] or "study" not in claims["aud"]:
            raise InvalidToken("issuer or audience")
        if claims["use"] != "access" or "read" not in claims["scope"].split():
            raise InvalidToken("use or scope")
        if claims["nbf"] > time.time() + 5:
            raise InvalidToken("not yet valid")
        return UUID(claims["sub"]), float(claims["exp"])
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise InvalidToken(str(error)) from None


def _key_for(header: Any) -> Any:
    return keys()[header.headers()["kid"]]
