"""What a personal access token looks like: sdg_, 36 random signs, and 6 that check them."""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib

PREFIX = "sdg_"
ALPHABET = string.digits + string.ascii_letters
RANDOM_LENGTH = 36
CHECKSUM_LENGTH = 6

READ = "read"
READ_WRITE = "read write"
SCOPES = [READ, READ_WRITE]
LIFETIME_DAYS = [7, 30, 90, 365]
MAX_TOKENS = 20


def new_token() -> str:
    """A token that nobody can guess. Scanners know it by its prefix; its check spares us mistyped ones."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return f"{PREFIX}{body}{_checksum(body)}"


def has_valid_checksum(token: str) -> bool:
    """The token has our form. Says nothing of whether it is one."""
    body, checksum = token[len(PREFIX) : -CHECKSUM_LENGTH], token[-CHECKSUM_LENGTH:]
    return token.startswith(PREFIX) and len(body) == RANDOM_LENGTH and _checksum(body) == checksum


def digest(token: str) -> str:
    """Under what the token is kept. It has 214 random bits, so a fast digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(body: str) -> str:
    number, characters = zlib.crc32(body.encode()), []
    for _ in range(CHECKSUM_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[rest])
    return "".join(characters)
