"""Personal access tokens of an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from users.tokens.models import PersonalToken


def list_tokens(account_id: UUID) -> list[PersonalToken]:
    """List the account's tokens, newest first, expired ones included. One statement."""
    return list(PersonalToken.objects.filter(account_id=account_id).order_by("-made_at", "id"))


def export_data(account_id: UUID) -> list[Any]:
    """Return the personal data of the account's tokens, without digests. One statement."""
    tokens = PersonalToken.objects.filter(account_id=account_id).order_by("-made_at", "id")
    return list(tokens.values("name", "scope", "made_at", "expires_at", "last_used_at", "last_used_from"))
