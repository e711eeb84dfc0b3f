"""The files that a submitted commit changes, a cache of what GitHub shows, and comments on their lines."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from study.github.models import PullRequest
from study.submissions.models import Submission


class DiffError(models.TextChoices):
    """Why GitHub's comparison cannot be shown."""

    NOT_FOUND = "not_found", _("GitHub does not show this commit: it is gone, or the repository is private.")
    REFUSED = "refused", _("GitHub refuses to show this repository.")
    BLOCKED = "blocked", _("GitHub has blocked this repository for legal reasons.")
    TOO_LARGE = "too_large", _("The changes are too large to be shown here.")
    RATE_LIMITED = (
        "rate_limited",
        _("GitHub allows no more requests now. Try again in a few minutes."),
    )
    UNAVAILABLE = "unavailable", _("GitHub does not respond. Try again in a minute.")


class Diff(models.Model):
    """The files that a pull request changes at one head commit; fetched when somebody first opens them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="+")
    head_sha = models.CharField(max_length=64)
    # Since when it waits to be fetched; NULL while it does not.
    requested_at = models.DateTimeField(null=True, db_index=True)
    # GitHub's newest answer, or our giving up; NULL before the first.
    fetched_at = models.DateTimeField(null=True, db_index=True)
    # "" while there is none.
    error = models.CharField(max_length=12, blank=True, choices=DiffError)
    # How many files GitHub says it changes; NULL where it does not say.
    total_files = models.PositiveIntegerField(null=True)
    # The files, as rules.pack_files writes them. Not for lists: it may have megabytes.
    content = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pull_request", "head_sha"], name="diff_once_per_head"),
        ]

    def __str__(self) -> str:
        return self.head_sha[:7]

    @property
    def url(self) -> str:
        """Return where GitHub shows the same changes."""
        return f"{self.pull_request.url}/files/{self.head_sha}"

    @property
    def is_ready(self) -> bool:
        """Return True if its files were fetched."""
        return self.fetched_at is not None and not self.error


class Side(models.TextChoices):
    """Whose line numbers count: those before or those after the change."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True)
class PageState:
    """A page that was opened to write a draft, and the edits made there so far. Its script counts them."""

    id: UUID
    edits: int


class TypedDraft(models.Model):
    """What a page saves as it is typed (docs/adr/0031)."""

    # The opened page that saved it last, and how many edits had been made there.
    page_id = models.UUIDField(null=True)
    page_edits = models.PositiveIntegerField(null=True)

    class Meta:
        abstract = True

    def was_saved_by(self, page: PageState | None) -> bool:
        """Return True if what it says was typed on this page."""
        return page is not None and page.id == self.page_id

    def has_saved(self, page: PageState | None) -> bool:
        """Return True if these edits of the page, or later ones, were saved; of no edits it is not known."""
        if page is None or page.id != self.page_id:
            return False
        saved = self.page_edits or 0
        return page.edits < saved or 0 < page.edits == saved


class LineComment(TypedDraft):
    """A reviewer's comment on a changed line: a draft that is released with the review."""

    # Given by the client, so that saving twice is saving once.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="line_comments")
    # The account that wrote it.
    author_id = models.UUIDField(db_index=True)
    # The commit, the file and the line; the beginning of the line, since diffs are kept for 30 days only.
    head_sha = models.CharField(max_length=64)
    path = models.TextField()
    side = models.CharField(max_length=3, choices=Side)
    line = models.PositiveIntegerField()
    excerpt = models.CharField(max_length=200, blank=True)
    # Markdown.
    body = models.TextField()
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    # False while it says what was only typed: it is released once its author has saved it by the button.
    is_finished = models.BooleanField(default=True, db_default=True)
    # The release of its review; NULL for a draft.
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(line__gte=1), name="commented_line_from_one"),
        ]
        indexes = [
            models.Index(fields=["submission", "released_at"], name="line_comments_of_submission"),
        ]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"

    @property
    def is_draft(self) -> bool:
        return self.released_at is None

    @property
    def is_unfinished(self) -> bool:
        """Return True for a draft that the next release leaves out."""
        return self.is_draft and not self.is_finished

    @property
    def revision(self) -> str:
        """Return the token of optimistic locking: it changes with each save."""
        return self.saved_at.isoformat()


class EntryKind(models.TextChoices):
    ANSWER = "answer", _("Answered")
    RESOLVED = "resolved", _("Resolved")
    REOPENED = "reopened", _("Opened again")


class ThreadEntry(models.Model):
    """An answer to a review or to a comment on a line, or that its thread was resolved or reopened."""

    # Given by the client, so that sending twice is sending once.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="thread_entries")
    # NULL in the thread under the submission's reviews.
    line_comment = models.ForeignKey(
        LineComment, on_delete=models.CASCADE, null=True, related_name="thread_entries"
    )
    author_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=8, choices=EntryKind)
    # Markdown; "" unless it is an answer, and once its author has closed their account.
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["submission", "created_at"], name="thread_entries_in_order")]

    def __str__(self) -> str:
        return self.kind


# A reviewer picks one at a glance.
MAX_SAVED_REPLIES = 30


class SavedReply(models.Model):
    """What a reviewer writes often, to be put into a comment by one press."""

    # Given by the client, so that saving twice is saving once.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField(db_index=True)
    # Markdown.
    body = models.CharField(max_length=500)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.body
