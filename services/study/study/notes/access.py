"""Access to notes: return the row, or raise NotFound."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from study.cohorts.access import get_or_not_found
from study.cohorts.models import Membership
from study.memberships.access import member_for_operator
from study.notes.models import Note


def subject_for_operator(cohort_id: UUID, membership_id: UUID, *, account_id: UUID) -> Membership:
    """Return a live membership of a cohort that the account operates. Nobody reads notes about themselves."""
    membership = member_for_operator(cohort_id, membership_id, account_id=account_id)
    if membership.account_id == account_id:
        raise NotFound
    return membership


def note_for_author(membership: Membership, note_id: UUID, *, account_id: UUID) -> Note:
    """Return a note about the member that the account wrote, with its cohort."""
    notes = Note.objects.about(membership).with_author().select_related("cohort")
    return get_or_not_found(notes, id=note_id, author_id=account_id)
