"""Secrets at rest: encrypted with FIELD_KEY, so that a copy of the database gives none away."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def seal(secret: str) -> str:
    """Encrypt with the first key of FIELD_KEY."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt with whichever key of FIELD_KEY fits. ValueError if none does."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise ValueError("sealed with a key that FIELD_KEY no longer holds") from None
