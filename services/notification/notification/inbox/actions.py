"""Create notifications, mark them read or unread, delete an account's notifications."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from chassis.account_mirror.models import AccountMirror
from notification.inbox.models import Notification
from notification.inbox.rules import KINDS

BATCH_SIZE = 500


@transaction.atomic
def create_notifications(
    *,
    kind: str,
    key: str,
    recipients: Iterable[UUID],
    url: str,
    context: Mapping[str, Any],
    occurred_at: datetime,
    cohort_id: UUID | None = None,
    about_id: UUID | None = None,
    own_url: str | None = None,
) -> list[Notification]:
    """Create one notification per recipient and key; return the new ones. `about_id` gets `own_url`.

    Idempotent by (account, key). Skips closed accounts. Of two concurrent events with one key the later fails
    with IntegrityError; its redelivery finds the existing rows.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind} is not in the catalogue")
    account_ids = set(recipients)
    existing = set(
        Notification.objects.filter(account_id__in=account_ids, key=key).values_list("account_id", flat=True)
    )
    closed = AccountMirror.objects.closed_among(account_ids)
    return Notification.objects.bulk_create(
        [
            Notification(
                account_id=account_id,
                about_id=about_id,
                cohort_id=cohort_id,
                kind=kind,
                key=key,
                context=dict(context),
                url=own_url if own_url and account_id == about_id else url,
                occurred_at=occurred_at,
            )
            for account_id in sorted(account_ids - existing - closed)
        ],
        batch_size=BATCH_SIZE,
    )


@transaction.atomic
def remove_notifications(*, kind: str, key: str, recipients: Iterable[UUID]) -> None:
    """Delete the recipients' notifications of that kind and key, with their unsent mail."""
    Notification.objects.filter(account_id__in=set(recipients), kind=kind, key=key).delete()


@transaction.atomic
def mark_read(*, account_id: UUID, at: datetime, ids: Collection[UUID] | None = None) -> int:
    """Mark the account's notifications as read, those with `ids` or all; return how many were unread."""
    mine = Notification.objects.filter(account_id=account_id).unread()
    return (mine if ids is None else mine.filter(id__in=ids)).update(read_at=at)


@transaction.atomic
def mark_unread(*, account_id: UUID, ids: Collection[UUID]) -> int:
    """Mark notifications of the account as unread; return their number."""
    mine = Notification.objects.filter(account_id=account_id, id__in=ids, read_at__isnull=False)
    return mine.update(read_at=None)


@transaction.atomic
def undo_mark_read(*, account_id: UUID, at: datetime) -> int:
    """Mark as unread what was marked as read at exactly `at`; return the number."""
    return Notification.objects.filter(account_id=account_id, read_at=at).update(read_at=None)


@transaction.atomic
def delete_notifications(*, account_id: UUID, name: str) -> None:
    """Delete the account's notifications and remove `name` from other accounts' notifications.

    Most notifications refer to a person by id; `context.by` is the one place that stores a name.
    """
    Notification.objects.filter(account_id=account_id).delete()
    if name:
        for row in Notification.objects.filter(context__by=name).iterator():
            row.context = {**row.context, "by": ""}
            row.save(update_fields=["context"])
