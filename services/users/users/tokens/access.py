"""An id, and who asks → their access token."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from users.tokens.models import PersonalToken


def own_token(token_id: UUID, *, account_id: UUID) -> PersonalToken:
    """The account's own token, or NotFound."""
    try:
        return PersonalToken.objects.get(id=token_id, account_id=account_id)
    except PersonalToken.DoesNotExist:
        raise NotFound from None
