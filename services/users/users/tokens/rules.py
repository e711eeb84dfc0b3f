"""What a personal access token looks like: sdg_, 36 random signs, and 6 that check them."""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib

PREFIX = "sdg_"
SIGNS = string.digits + string.ascii_letters
RANDOM = 36
CHECK = 6

READ = "read"
READ_WRITE = "read write"
SCOPES = [READ, READ_WRITE]
DAYS = [7, 30, 90, 365]
MOST = 20


def new_token() -> str:
    """A token that nobody can guess. Scanners know it by its prefix; its check spares us mistyped ones."""
    body = "".join(secrets.choice(SIGNS) for _ in range(RANDOM))
    return f"{PREFIX}{body}{_check(body)}"


def looks_right(token: str) -> bool:
    """The token has our form. Says nothing of whether it is one."""
    body, check = token[len(PREFIX) : -CHECK], token[-CHECK:]
    return token.startswith(PREFIX) and len(body) == RANDOM and _check(body) == check


def digest(token: str) -> str:
    """Under what the token is kept. It has 214 random bits, so a fast digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _check(body: str) -> str:
    number, signs = zlib.crc32(body.encode()), []
    for _ in range(CHECK):
        number, rest = divmod(number, len(SIGNS))
        signs.append(SIGNS[rest])
    return "".join(signs)
