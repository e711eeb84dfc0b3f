"""What happens to personal access tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotFound
from users.accounts.actions import note
from users.accounts.models import Account, Kind
from users.accounts.rules import Seen
from users.tokens import rules
from users.tokens.models import PersonalToken

# Use is noted once in this time, not with every exchange.
NOTED_EVERY = timedelta(minutes=1)


class TooManyTokens(DomainError):
    code = "too_many_tokens"
    title = _("You have %(most)d access tokens. Revoke one that you no longer use.")


class TokenRefused(DomainError):
    code = "token_refused"
    title = _("This access token is unknown, expired or revoked, or its account is closed.")
    status = 401


@transaction.atomic
def create(*, account_id: UUID, name: str, scope: str, days: int, seen: Seen, at: datetime) -> str:
    """Make a token and return it; nobody will see it again. TooManyTokens."""
    Account.objects.select_for_update().get(id=account_id)
    if PersonalToken.objects.filter(account_id=account_id, expires_at__gt=at).count() >= rules.MOST:
        raise TooManyTokens(most=rules.MOST)
    token = rules.new_token()
    PersonalToken.objects.create(
        account_id=account_id,
        name=name,
        digest=rules.digest(token),
        ending=token[-4:],
        scope=scope,
        made_at=at,
        expires_at=at + timedelta(days=days),
    )
    note(account_id=account_id, kind=Kind.TOKEN_CREATED, seen=seen, at=at, about=name)
    return token


@transaction.atomic
def revoke(*, account_id: UUID, token_id: UUID, seen: Seen, at: datetime) -> None:
    """End the token; what it was exchanged for ends within ten minutes. NotFound."""
    token = PersonalToken.objects.filter(id=token_id, account_id=account_id).first()
    if token is None:
        raise NotFound
    token.delete()
    note(account_id=account_id, kind=Kind.TOKEN_REVOKED, seen=seen, at=at, about=token.name)


@transaction.atomic
def revoke_all(*, account_id: UUID, seen: Seen, at: datetime) -> int:
    """End every token of the account. Return how many there were."""
    tokens = list(PersonalToken.objects.filter(account_id=account_id))
    PersonalToken.objects.filter(id__in=[token.id for token in tokens]).delete()
    for token in tokens:
        note(account_id=account_id, kind=Kind.TOKEN_REVOKED, seen=seen, at=at, about=token.name)
    return len(tokens)


@transaction.atomic
def use(*, token: str, seen: Seen, at: datetime) -> PersonalToken:
    """The token's row with its account, noted as used. TokenRefused unless both are good."""
    if not rules.looks_right(token):
        raise TokenRefused
    found = (
        PersonalToken.objects.select_related("account")
        .filter(digest=rules.digest(token), expires_at__gt=at)
        .first()
    )
    if found is None or not found.account.is_active:
        raise TokenRefused
    if found.last_used_at is None or found.last_used_at <= at - NOTED_EVERY:
        PersonalToken.objects.filter(id=found.id).update(last_used_at=at, last_used_from=seen.address)
    return found
