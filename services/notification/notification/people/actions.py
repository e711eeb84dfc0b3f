"""Account deletion and personal-data export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from notification.inbox import actions as inbox
from notification.mirrors import actions as mirrors
from notification.mirrors.models import AccountMirror
from notification.people.models import Export
from notification.people.rules import LEASE, MAX_ATTEMPTS, UsersUnavailable, backoff
from notification.preferences import actions as preferences

Put = Callable[[UUID, UUID], None]


@transaction.atomic
def delete_account_data(*, account_id: UUID, version: int) -> None:
    """Delete the account's notifications, deliveries, preferences and mirrored data. Idempotent."""
    account = AccountMirror.objects.filter(account_id=account_id).first()
    inbox.delete_notifications(account_id=account_id, name=account.name if account else "")
    preferences.delete_preferences(account_id=account_id)
    Export.objects.filter(account_id=account_id).delete()
    mirrors.anonymise_account(account_id=account_id, version=version)


@transaction.atomic
def create_export(*, export_id: UUID, account_id: UUID, at: datetime) -> None:
    """Record an export request of users. Idempotent."""
    Export.objects.get_or_create(export_id=export_id, defaults={"account_id": account_id, "due_at": at})


def send_export(*, export_id: UUID, at: datetime, put: Put) -> None:
    """Send this service's part of an export to users, if it is due. Idempotent: PUT replaces."""
    claimed = Export.objects.due(at).filter(export_id=export_id)
    if not claimed.update(due_at=at + LEASE, attempts=F("attempts") + 1):
        return
    export = Export.objects.filter(export_id=export_id).first()
    if export is None:
        return  # the account was closed meanwhile
    claimed_export = Export.objects.filter(export_id=export_id)
    try:
        put(export_id, export.account_id)
    except UsersUnavailable as error:
        is_last = export.attempts >= MAX_ATTEMPTS
        claimed_export.update(
            due_at=None if is_last else at + backoff(export.attempts), error=str(error)[:500]
        )
    else:
        claimed_export.update(due_at=None, sent_at=at, error="")
