"""Write the audit log of a cohort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from chassis.retention import delete_in_batches
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


def delete_old_entries(*, at: datetime) -> Iterator[int]:
    """Delete entries older than AUDIT_RETENTION; yield the size of each batch."""
    yield from delete_in_batches(AuditEntry.objects.filter(at__lt=at - AUDIT_RETENTION).order_by("at"))


def erase_github_logins(*, account_id: UUID) -> None:
    """Erase a closed account's GitHub logins, also in names of repositories, from the entries about it.

    Names of people are not in them.
    """
    theirs = AuditEntry.objects.filter(~Q(before="") | ~Q(after=""), subject_id=account_id)
    theirs.filter(kind__in=[AuditKind.GITHUB, AuditKind.REPOSITORY]).update(before="", after="")
