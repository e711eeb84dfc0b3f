"""Secrets at rest: encrypted with FIELD_KEY, so that a copy of the database gives none away."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def encrypt(secret: str) -> str:
    """Encrypt with the first key of FIELD_KEY."""
    return _fernet().encrypt(secret.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Decrypt with whichever key of FIELD_KEY fits. ValueError if none does."""
    try:
        return _fernet().decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise ValueError("encrypted with a key that FIELD_KEY no longer holds") from None
