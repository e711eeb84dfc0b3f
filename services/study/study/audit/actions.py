"""Write the audit log of a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from study.audit.rules import UNKEPT_FIELDS, VALUE_LENGTH, audit_value
from study.cohorts.models import AuditEntry, AuditKind

AUDIT_RETENTION = timedelta(days=730)


def record_change(
    *,
    cohort_id: UUID,
    kind: AuditKind,
    changes: Mapping[str, tuple[object, object]],
    by: UUID | None,
    at: datetime,
    subject_id: UUID | None = None,
    about: str = "",
) -> None:
    """Write an entry for each field whose value differs, `before` and `after`. No statement if none does.

    Call it in the transaction of the change. "" is the field of the thing itself, which appears (None before)
    or disappears (None after). `by` is an account, None for what happens by itself.
    """
    AuditEntry.objects.bulk_create(
        AuditEntry(
            cohort_id=cohort_id,
            kind=kind,
            actor_id=by,
            subject_id=subject_id,
            field=field,
            about=about[:VALUE_LENGTH],
            before="" if field in UNKEPT_FIELDS else audit_value(before),
            after="" if field in UNKEPT_FIELDS else audit_value(after),
            at=at,
        )
        for field, (before, after) in changes.items()
        if before != after
    )


@transaction.atomic
def delete_old_entries(*, at: datetime, limit: int = 5000) -> int:
    """Delete entries older than AUDIT_RETENTION, at most `limit`. Return how many."""
    old = AuditEntry.objects.filter(at__lt=at - AUDIT_RETENTION).order_by("at")
    ids = list(old.values_list("id", flat=True)[:limit])
    AuditEntry.objects.filter(id__in=ids).delete()
    return len(ids)


def erase_github_logins(*, account_id: UUID) -> None:
    """Erase a closed account's GitHub logins, also in names of repositories, from the entries about it.

    Names of people are not in them.
    """
    theirs = AuditEntry.objects.filter(~Q(before="") | ~Q(after=""), subject_id=account_id)
    theirs.filter(kind__in=[AuditKind.GITHUB, AuditKind.REPOSITORY]).update(before="", after="")
