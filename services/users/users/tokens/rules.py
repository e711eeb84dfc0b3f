"""Format of personal access tokens: sdg_, 36 random characters and a checksum of 6."""

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
    """Return a random token. The prefix is for secret scanners, the checksum rejects mistyped tokens."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return f"{PREFIX}{body}{_checksum(body)}"


def has_valid_checksum(token: str) -> bool:
    """Return True if prefix, length and checksum are right; the token may still not exist."""
    body, checksum = token[len(PREFIX) : -CHECKSUM_LENGTH], token[-CHECKSUM_LENGTH:]
    return token.startswith(PREFIX) and len(body) == RANDOM_LENGTH and _checksum(body) == checksum


def digest(token: str) -> str:
    """Return the digest that is stored. A token has 214 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(body: str) -> str:
    number, characters = zlib.crc32(body.encode()), []
    for _ in range(CHECKSUM_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[rest])
    return "".join(characters)
