"""Encryption of secrets at rest with FIELD_KEY."""

from __future__ import annotations

import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def encrypt(secret: str) -> str:
    """Encrypt with the first key of FIELD_KEY. Returns text."""
    return _fernet().encrypt(secret.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Decrypt with any key of FIELD_KEY. Raises ValueError if none fits."""
    try:
        return _fernet().decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise ValueError("encrypted with a key that FIELD_KEY no longer holds") from None


def keyed_hashes(text: str) -> list[str]:
    """Return the text's HMAC-SHA256 with each key of FIELD_KEY, the first key's first.

    They find a text that is not stored. Who has only the database cannot try texts against them.
    """
    return [hmac.digest(key.encode(), text.encode(), "sha256").hex() for key in settings.FIELD_KEYS]
