"""Personal data of an account: its export to the users service, and its deletion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from chassis.account_mirror import actions as account_mirror
from chassis.personal_data.models import Export
from chassis.personal_data.rules import LEASE, MAX_ATTEMPTS, ExportNotAccepted, export_backoff

PutSection = Callable[[UUID, dict[str, Any]], None]


@transaction.atomic
def delete_account(*, account_id: UUID, version: int, at: datetime) -> None:
    """Delete what the service and the mirror store of a closed account. Idempotent."""
    import_string(settings.DELETE_PERSONAL_DATA)(account_id=account_id, at=at)
    Export.objects.filter(account_id=account_id).delete()
    account_mirror.close_account(account_id=account_id, version=version)


@transaction.atomic
def create_export(*, export_id: UUID, account_id: UUID, at: datetime) -> None:
    """Create a pending export. Idempotent."""
    Export.objects.get_or_create(
        export_id=export_id, defaults={"account_id": account_id, "next_attempt_at": at}
    )


def send_export(*, export_id: UUID, at: datetime, put_section: PutSection) -> None:
    """Send this section of an export to the users service if it is due. Sending twice replaces it."""
    row = Export.objects.filter(export_id=export_id)
    if not row.claim(at=at, lease=LEASE):
        return
    export = row.first()
    if export is None:
        return  # the account was closed concurrently
    try:
        put_section(export_id, import_string(settings.EXPORT_PERSONAL_DATA)(export.account_id))
    except ExportNotAccepted as error:
        is_last = export.attempts >= MAX_ATTEMPTS
        next_attempt_at = None if is_last else at + export_backoff(export.attempts)
        row.update(next_attempt_at=next_attempt_at, error=str(error)[:500])
    else:
        row.update(next_attempt_at=None, sent_at=at, error="")
