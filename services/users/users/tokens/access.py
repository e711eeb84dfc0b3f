"""Load personal access tokens with permission checks."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from users.tokens.models import PersonalToken


def own_token(token_id: UUID, *, account_id: UUID) -> PersonalToken:
    """Return the account's own token, or raise NotFound."""
    try:
        return PersonalToken.objects.get(id=token_id, account_id=account_id)
    except PersonalToken.DoesNotExist:
        raise NotFound from None
