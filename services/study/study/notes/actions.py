"""Write, edit and delete notes about members."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from chassis.errors import NotFound
from study.audit.actions import record_change
from study.cohorts.actions import ensure_open
from study.cohorts.models import AuditKind, Membership
from study.memberships.actions.memberships import lock_membership
from study.notes.models import Note


@transaction.atomic
def create_note(*, membership: Membership, body: str, by: UUID, at: datetime) -> Note:
    """Create a note about a member. Raise CohortClosed, or NotFound if they have left meanwhile."""
    # Locked, so that none is written about an account whose data is being deleted.
    membership = lock_membership(membership=membership)
    ensure_open(cohort=membership.cohort)
    if membership.left_at is not None:
        raise NotFound
    note = Note.objects.create(
        cohort_id=membership.cohort_id,
        account_id=membership.account_id,
        author_id=by,
        body=body,
        created_at=at,
    )
    _record(note, "", (None, note.id), by=by, at=at)
    return note


@transaction.atomic
def update_note(*, note: Note, body: str, by: UUID, at: datetime) -> Note:
    """Change what a note of one's own says. Raise CohortClosed, or NotFound if it was deleted meanwhile."""
    ensure_open(cohort=note.cohort)
    found = Note.objects.select_for_update().filter(id=note.id, author_id=by).first()
    if found is None:
        raise NotFound
    if found.body != body:
        _record(found, "body", (found.body, body), by=by, at=at)
        found.body, found.edited_at = body, at
        found.save(update_fields=["body", "edited_at"])
    return found


@transaction.atomic
def delete_note(*, note: Note, by: UUID, at: datetime) -> None:
    """Delete a note of one's own, also in a closed cohort. Idempotent."""
    deleted, _rows = Note.objects.filter(id=note.id, author_id=by).delete()
    if deleted:
        _record(note, "", (note.id, None), by=by, at=at)


@transaction.atomic
def delete_notes(*, account_id: UUID) -> None:
    """Delete the notes about a closed account, and take its name from those that it wrote."""
    Note.objects.filter(account_id=account_id).delete()
    Note.objects.filter(author_id=account_id).update(author_id=None)


def _record(note: Note, field: str, change: tuple[object, object], *, by: UUID, at: datetime) -> None:
    """Write the audit entry, which has nothing of the text."""
    record_change(
        cohort_id=note.cohort_id,
        kind=AuditKind.NOTE,
        changes={field: change},
        subject_id=note.account_id,
        by=by,
        at=at,
    )
