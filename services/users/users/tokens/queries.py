"""A person's access tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from users.tokens.models import PersonalToken


def list_tokens(account_id: UUID) -> list[PersonalToken]:
    """The account's tokens, the newest first; expired ones too. One statement."""
    return list(PersonalToken.objects.filter(account_id=account_id).order_by("-made_at", "id"))


def export_data(account_id: UUID) -> list[dict[str, Any]]:
    """All that is kept of the account's tokens, but for what they are. One statement."""
    return [
        {
            "name": token.name,
            "scope": token.scope,
            "made_at": token.made_at,
            "expires_at": token.expires_at,
            "last_used_at": token.last_used_at,
            "last_used_from": token.last_used_from,
        }
        for token in list_tokens(account_id)
    ]
