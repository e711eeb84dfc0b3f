"""What happens to personal access tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotFound
from users.accounts.actions import record_audit
from users.accounts.models import Account, AuditKind
from users.accounts.rules import ClientInfo
from users.tokens import rules
from users.tokens.models import PersonalToken

# Use is noted once in this time, not with every exchange.
LAST_USED_RESOLUTION = timedelta(minutes=1)


class TooManyTokens(DomainError):
    code = "too_many_tokens"
    title = _("You have %(max)d access tokens. Revoke one that you no longer use.")


class TokenRefused(DomainError):
    code = "token_refused"
    title = _("This access token is unknown, expired or revoked, or its account is closed.")
    status = 401


@transaction.atomic
def create(*, account_id: UUID, name: str, scope: str, days: int, client: ClientInfo, at: datetime) -> str:
    """Make a token and return it; nobody will see it again. TooManyTokens."""
    Account.objects.select_for_update().get(id=account_id)
    if PersonalToken.objects.filter(account_id=account_id, expires_at__gt=at).count() >= rules.MAX_TOKENS:
        raise TooManyTokens(max=rules.MAX_TOKENS)
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
    record_audit(account_id=account_id, kind=AuditKind.TOKEN_CREATED, client=client, at=at, about=name)
    return token


@transaction.atomic
def revoke(*, account_id: UUID, token_id: UUID, client: ClientInfo, at: datetime) -> None:
    """End the token; what it was exchanged for ends within ten minutes. NotFound."""
    token = PersonalToken.objects.filter(id=token_id, account_id=account_id).first()
    if token is None:
        raise NotFound
    token.delete()
    record_audit(account_id=account_id, kind=AuditKind.TOKEN_REVOKED, client=client, at=at, about=token.name)


@transaction.atomic
def revoke_all(*, account_id: UUID, client: ClientInfo, at: datetime) -> int:
    """End every token of the account. Return how many there were."""
    tokens = list(PersonalToken.objects.filter(account_id=account_id))
    PersonalToken.objects.filter(id__in=[token.id for token in tokens]).delete()
    for token in tokens:
        record_audit(
            account_id=account_id, kind=AuditKind.TOKEN_REVOKED, client=client, at=at, about=token.name
        )
    return len(tokens)


@transaction.atomic
def authenticate(*, token: str, client: ClientInfo, at: datetime) -> PersonalToken:
    """The token's row with its account, noted as used. TokenRefused unless both are good."""
    if not rules.has_valid_checksum(token):
        raise TokenRefused
    found = (
        PersonalToken.objects.select_related("account")
        .filter(digest=rules.digest(token), expires_at__gt=at)
        .first()
    )
    if found is None or not found.account.is_active:
        raise TokenRefused
    if found.last_used_at is None or found.last_used_at <= at - LAST_USED_RESOLUTION:
        PersonalToken.objects.filter(id=found.id).update(last_used_at=at, last_used_from=client.address)
    return found
