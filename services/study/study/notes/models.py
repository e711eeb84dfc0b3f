"""Notes that organizers write about a member, for each other."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import OuterRef

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Cohort, Membership

MAX_NOTE_LENGTH = 2000


class NoteQuerySet(models.QuerySet["Note"]):
    def about(self, membership: Membership) -> NoteQuerySet:
        """Filter the notes about a member of a cohort, also from before they left and came back."""
        return self.filter(cohort_id=membership.cohort_id, account_id=membership.account_id)

    def with_author(self) -> NoteQuerySet:
        """Annotate the `author_name`: None if not known, "" if closed."""
        return self.annotate(author_name=AccountMirror.objects.name_of(OuterRef("author_id")))


class Note(models.Model):
    """What an organizer wrote about a member. Its subject reads it in their own data (docs/adr/0063)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="notes")
    # Whom it is about. Not a membership: who comes back has a new one.
    account_id = models.UUIDField(db_index=True)
    # NULL once the author has closed their account.
    author_id = models.UUIDField(null=True, db_index=True)
    # Markdown.
    body = models.CharField(max_length=MAX_NOTE_LENGTH)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["cohort", "account_id", "-created_at", "-id"], name="notes_about_member")
        ]

    def __str__(self) -> str:
        return self.body[:40]
