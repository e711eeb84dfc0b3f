"""Writing the log, and telling the other services."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from chassis.events.publish import publish
from users.accounts.events import AccountChanged, ContactChanged
from users.accounts.models import Account, AuditEntry, AuditKind
from users.accounts.rules import ClientInfo

# How long a person can read what happened to their account.
AUDIT_RETENTION = timedelta(days=365)


def record_audit(
    *, account_id: UUID, kind: AuditKind, client: ClientInfo, at: datetime, about: str = ""
) -> None:
    """Add one line to the account's log."""
    AuditEntry.objects.create(
        account_id=account_id,
        kind=kind,
        about=about[:120],
        address=client.address,
        agent=client.agent[:200],
        at=at,
    )


def publish_account_changed(*, account: Account, at: datetime) -> None:
    """Publish the public face of the account, unless it never confirmed an address: nobody knows of it."""
    if account.confirmed_at is None:
        return
    publish(
        AccountChanged(
            account_id=account.id,
            name_=account.name,
            github_id=account.github_id,
            github_login=account.github_login,
            language=account.language,
            time_zone=account.time_zone,
            version=account.version,
        ),
        at=at,
    )


def publish_contact_changed(*, account: Account, at: datetime) -> None:
    """Publish the confirmed address."""
    publish(ContactChanged(account_id=account.id, email=account.email or "", version=account.version), at=at)


@transaction.atomic
def delete_old_audit_entries(*, at: datetime) -> int:
    """Drop what happened more than a year ago. Return how many lines went."""
    deleted, _ = AuditEntry.objects.filter(at__lt=at - AUDIT_RETENTION).delete()
    return deleted
