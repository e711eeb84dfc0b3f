"""Telling people, and what they do with what they were told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from notification.inbox.models import Notification
from notification.inbox.rules import KINDS
from notification.mirrors.models import AccountMirror

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
    """Put it into the inboxes of all named, once; return what is new. Whom it is about gets `own_url`.

    Closed accounts are left out. Two events with one key at the same time end in an IntegrityError for
    the later one, whose event comes again and then finds the key taken.
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
def mark_read(*, account_id: UUID, ids: Collection[UUID], at: datetime) -> int:
    """Mark these of the person's unread notifications; return how many there were. Others' ids do nothing."""
    return Notification.objects.filter(account_id=account_id, id__in=ids).unread().update(read_at=at)


@transaction.atomic
def mark_all_read(*, account_id: UUID, at: datetime) -> int:
    """Mark everything that had arrived; return how many there were."""
    return Notification.objects.filter(account_id=account_id).unread().update(read_at=at)


@transaction.atomic
def mark_unread(*, account_id: UUID, ids: Collection[UUID]) -> int:
    """Mark these as if they had never been opened; return how many of the person's there were."""
    mine = Notification.objects.filter(account_id=account_id, id__in=ids, read_at__isnull=False)
    return mine.update(read_at=None)


@transaction.atomic
def undo_mark_read(*, account_id: UUID, at: datetime) -> int:
    """Undo the marking that was done at that very instant; return how many became unread again."""
    return Notification.objects.filter(account_id=account_id, read_at=at).update(read_at=None)


@transaction.atomic
def delete_notifications(*, account_id: UUID, name: str) -> None:
    """Delete what a person was told, and take their name out of what others were told.

    Most of what others were told holds an id and no name. Where an event brought only a name, the name goes.
    """
    Notification.objects.filter(account_id=account_id).delete()
    if name:
        for row in Notification.objects.filter(context__by=name).iterator():
            row.context = {**row.context, "by": ""}
            row.save(update_fields=["context"])
