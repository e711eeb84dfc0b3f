"""State changes of personal access tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from users.accounts.actions.audit import record_audit
from users.accounts.models import Account, AuditKind
from users.accounts.rules import ClientInfo
from users.tokens import rules
from users.tokens.models import PersonalToken

# The last use is updated at most once in this time.
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
    """Create a token and return it; only its digest is stored. TooManyTokens."""
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
def revoke(*, token: PersonalToken, client: ClientInfo, at: datetime) -> None:
    """Revoke a token; access tokens exchanged for it expire within ten minutes."""
    kind = AuditKind.TOKEN_REVOKED
    record_audit(account_id=token.account_id, kind=kind, client=client, at=at, about=token.name)
    token.delete()


@transaction.atomic
def revoke_all(*, account_id: UUID, client: ClientInfo, at: datetime) -> None:
    """Revoke all tokens of the account."""
    for token in PersonalToken.objects.filter(account_id=account_id):
        revoke(token=token, client=client, at=at)


@transaction.atomic
def authenticate(*, token: str, client: ClientInfo, at: datetime) -> PersonalToken:
    """Return the row of a valid token of an active account, and record its use. TokenRefused."""
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
