"""Read models of accounts and their audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.db.models.functions import Lower

from chassis.web.pagination import Page, page_of
from users.accounts.models import Account, AuditEntry
from users.accounts.rules import device_name


@dataclass(frozen=True)
class AuditLogRow:
    """An audit entry as shown to its account, with the device's name."""

    entry: AuditEntry
    device: str


def list_audit_log(account_id: UUID, *, cursor: str | None, size: int = 25) -> Page[AuditLogRow]:
    """List the account's audit log, newest first."""
    entries = AuditEntry.objects.filter(account_id=account_id)
    page = page_of(entries, order=("-at", "-id"), cursor=cursor, size=size)
    return Page([AuditLogRow(entry, device_name(entry.agent)) for entry in page.rows], page.next)


def list_accounts(*, cursor: str | None, search: str = "", size: int = 25) -> Page[Account]:
    """List open accounts, newest first; `search` is a part of a name or a complete address."""
    found = Account.objects.known().filter(closed_at=None)
    if search:
        # The MySQL collation is case-sensitive, so both sides are lowered; addresses are stored lowered.
        wanted = search.lower()
        found = found.annotate(name_lower=Lower("name")).filter(
            Q(name_lower__contains=wanted) | Q(email=wanted)
        )
    return page_of(found, order=("-joined_at", "-id"), cursor=cursor, size=size)


@dataclass(frozen=True)
class MirrorRow:
    """The fields of an account that other services mirror, as in the account events."""

    account_id: UUID
    name: str
    github_id: int | None
    github_login: str
    language: str
    time_zone: str
    version: int
    closed: bool
    email: str | None


def list_mirror_rows(*, with_email: bool, cursor: str | None, size: int) -> Page[MirrorRow]:
    """List all verified accounts by id, including closed ones, so that mirrors erase them."""
    page = page_of(Account.objects.known(), order=("id",), cursor=cursor, size=size)
    rows = [
        MirrorRow(
            account_id=account.id,
            name=account.name,
            github_id=account.github_id,
            github_login=account.github_login,
            language=account.language,
            time_zone=account.time_zone,
            version=account.version,
            closed=account.closed_at is not None,
            email=account.email if with_email else None,
        )
        for account in page.rows
    ]
    return Page(rows, page.next)


def is_email_taken(email: str, *, excluding: UUID) -> bool:
    """Return True if another account has confirmed the address."""
    return Account.objects.known().filter(email=email).exclude(id=excluding).exists()


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
        "log": [
            _export_entry(entry)
            for entry in AuditEntry.objects.filter(account_id=account.id).order_by("at", "id")
        ],
    }


def _export_entry(entry: AuditEntry) -> dict[str, str | datetime | None]:
    return {
        "at": entry.at,
        "what": entry.kind,
        "about": entry.about,
        "address": entry.address,
        "agent": entry.agent,
    }
