"""Reviews of submissions: a draft is released, and a released version is never changed.

For a few minutes it can be withdrawn: then it is a draft again, of the next version (docs/adr/0042).
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Case, Q, Value, When

from study.discussions.models import TypedDraft
from study.missions.models import Criterion, Level
from study.submissions.models import Attempt, Submission


class Review(TypedDraft):
    """One version of a submission's review. The member sees it from `released_at`; a change is a new one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="reviews")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="reviews")
    # The account of the mentor who wrote it.
    mentor_id = models.UUIDField(db_index=True)
    version = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    # Sums kept at release, so that lists need no join; the scores below never change afterwards.
    points = models.PositiveSmallIntegerField(default=0)
    max_points = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    # When its mentor withdrew it; NULL once it is released again.
    withdrawn_at = models.DateTimeField(null=True)
    # 1 for a draft, NULL once released. A unique constraint ignores NULLs, so a submission has at most one
    # draft; MySQL has no unique constraints with a condition.
    draft_key = models.GeneratedField(
        expression=Case(When(released_at=None, then=Value(1))),
        output_field=models.PositiveSmallIntegerField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "version"], name="review_version_once"),
            models.UniqueConstraint(fields=["submission", "draft_key"], name="one_draft_per_submission"),
            models.CheckConstraint(condition=Q(version__gte=1), name="review_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"

    @property
    def revision(self) -> str:
        """Return the token of optimistic locking: it changes with each save and with the release."""
        return f"{self.version}@{(self.released_at or self.saved_at).isoformat()}"


class Score(models.Model):
    """The level given for one criterion."""

    id = models.BigAutoField(primary_key=True)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT)
    level = models.ForeignKey(Level, on_delete=models.PROTECT)
    comment = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "criterion"], name="one_score_per_criterion")
        ]

    def __str__(self) -> str:
        return str(self.level_id)
