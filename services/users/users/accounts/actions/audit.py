"""Write the audit log, and publish account events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from chassis.events.publish import publish
from users.accounts.events import AccountChanged, ContactChanged
from users.accounts.models import Account, AuditEntry, AuditKind
from users.accounts.rules import ClientInfo

# Older entries are deleted.
AUDIT_RETENTION = timedelta(days=365)


def record_audit(
    *, account_id: UUID, kind: AuditKind, client: ClientInfo, at: datetime, about: str = ""
) -> None:
    """Add an entry to the account's audit log."""
    AuditEntry.objects.create(
        account_id=account_id,
        kind=kind,
        about=about[:120],
        address=client.address,
        agent=client.agent,
        at=at,
    )


def publish_account_changed(*, account: Account, at: datetime) -> None:
    """Publish the public fields of the account, unless its address is unconfirmed."""
    if account.confirmed_at is None:
        return
    publish(
        AccountChanged(
            account_id=account.id,
            name=account.name,
            github_id=account.github_id,
            github_login=account.github_login,
            language=account.language,
            time_zone=account.time_zone,
            version=account.version,
        ),
        at=at,
    )


def update_public_fields(*, account_id: UUID, at: datetime, **fields: Any) -> Account:
    """Update fields that other services mirror, and publish the account."""
    account = Account.objects.update_versioned(account_id, **fields)
    publish_account_changed(account=account, at=at)
    return account


def publish_contact_changed(*, account: Account, at: datetime) -> None:
    """Publish the confirmed email address."""
    publish(ContactChanged(account_id=account.id, email=account.email or "", version=account.version), at=at)


@transaction.atomic
def delete_old_audit_entries(*, at: datetime) -> int:
    """Delete audit entries older than AUDIT_RETENTION. Return how many."""
    deleted, _ = AuditEntry.objects.filter(at__lt=at - AUDIT_RETENTION).delete()
    return deleted
