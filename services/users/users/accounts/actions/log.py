"""Writing the log, and telling the other services."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from chassis.events.publish import publish
from users.accounts.events import AccountChanged, ContactChanged
from users.accounts.models import Account, AuditEntry, Kind
from users.accounts.rules import Seen

# How long a person can read what happened to their account.
KEPT_FOR = timedelta(days=365)


def note(*, account_id: UUID, kind: Kind, seen: Seen, at: datetime, about: str = "") -> None:
    """Add one line to the account's log."""
    AuditEntry.objects.create(
        account_id=account_id,
        kind=kind,
        about=about[:120],
        address=seen.address,
        agent=seen.agent[:200],
        at=at,
    )


def tell_changed(*, account: Account, at: datetime) -> None:
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


def tell_contact(*, account: Account, at: datetime) -> None:
    """Publish the confirmed address."""
    publish(ContactChanged(account_id=account.id, email=account.email or "", version=account.version), at=at)


@transaction.atomic
def forget_old_entries(*, at: datetime) -> int:
    """Drop what happened more than a year ago. Return how many lines went."""
    dropped, _ = AuditEntry.objects.filter(at__lt=at - KEPT_FOR).delete()
    return dropped
