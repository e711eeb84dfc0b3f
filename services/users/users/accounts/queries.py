"""Lists of accounts, their audit log, and the export of both."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import EmailField, F, Q, Value
from django.db.models.functions import Lower

from chassis.crypto import decrypt
from chassis.web.pagination import Page, page_of
from users.accounts.models import Account, AuditEntry, GitHubOAuthClient
from users.accounts.rules import normalise_email

log = structlog.get_logger()


def list_audit_log(account_id: UUID, *, cursor: str | None, size: int = 25) -> Page[AuditEntry]:
    """List the account's audit log, newest first."""
    entries = AuditEntry.objects.filter(account_id=account_id)
    return page_of(entries, order=("-at", "-id"), cursor=cursor, size=size)


def list_accounts(*, cursor: str | None, search: str = "", size: int = 25) -> Page[Account]:
    """List open accounts, newest first; `search` is a part of a name or a complete address."""
    found = Account.objects.verified().filter(closed_at=None)
    if search:
        # The MySQL collation is case-sensitive, so both sides are lowered; addresses are stored lowered.
        wanted = search.lower()
        found = found.annotate(name_lower=Lower("name")).filter(
            Q(name_lower__contains=wanted) | Q(email=wanted)
        )
    return page_of(found, order=("-joined_at", "-id"), cursor=cursor, size=size)


def list_accounts_to_mirror(*, with_email: bool, cursor: str | None, size: int) -> Page[Account]:
    """List all verified accounts by id, including closed ones, so that mirrors erase them.

    Annotates `contact`: the email address if `with_email`, else None.
    """
    contact = F("email") if with_email else Value(None, output_field=EmailField())
    accounts = Account.objects.verified().annotate(contact=contact)
    return page_of(accounts, order=("id",), cursor=cursor, size=size)


def is_email_taken(email: str, *, excluding: UUID) -> bool:
    """Return True if another account has confirmed the address."""
    return Account.objects.verified().filter(email=email).exclude(id=excluding).exists()


def has_account(email: str) -> bool:
    """Return True if an account has confirmed the address."""
    return Account.objects.verified().filter(email=normalise_email(email)).exists()


def is_closed(account_id: UUID) -> bool:
    """Return True if the account is closed."""
    return Account.objects.filter(id=account_id, closed_at__isnull=False).exists()


def has_owner() -> bool:
    """Return True if there is an active owner."""
    return Account.objects.active().filter(is_owner=True).exists()


def export_data(account: Account) -> dict[str, Any]:
    """Return this app's personal data of the account. Two statements."""
    return {
        "account": {
            "id": account.id,
            "email": account.email,
            "name": account.name,
            "language": account.language,
            "time_zone": account.time_zone,
            "github_id": account.github_id,
            "github_login": account.github_login,
            "roles": account.roles,
            "joined_at": account.joined_at,
            "confirmed_at": account.confirmed_at,
            "last_sign_in_at": account.last_login,
        },
        "addresses": list(
            EmailAddress.objects.filter(user_id=account.id).values("email", "verified", "primary")
        ),
        "log": list(
            AuditEntry.objects.filter(account_id=account.id)
            .order_by("at", "id")
            .values("at", "about", "address", "agent", what=F("kind"))
        ),
    }


def github_oauth_client() -> tuple[str, str] | None:
    """Return the id and secret of the OAuth client: of the settings, else of the GitHub App. One query."""
    apps = settings.SOCIALACCOUNT_PROVIDERS["github"]["APPS"]
    if settings.GITHUB_CLIENT_ID and apps:
        return apps[0]["client_id"], apps[0]["secret"]
    row = GitHubOAuthClient.objects.filter(id=GitHubOAuthClient.ONLY).first()
    if row is None:
        return None
    try:
        return row.client_id, decrypt(row.client_secret)
    except ValueError:
        log.exception("client_secret_not_decrypted")
        return None
