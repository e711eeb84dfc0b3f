"""Pull requests handed in: a submission, its immutable attempts, its story, and those whose owner is unknown."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from study.cohorts.models import Cohort, Membership
from study.missions.models import Mission


class State(models.TextChoices):
    """Where a submission stands, from the pull request's events and our reviews."""

    WAITING = "waiting", _("Waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    RESUBMITTED = "resubmitted", _("Handed in again")
    APPROVED = "approved", _("Approved")
    MERGED = "merged", _("Merged")
    CLOSED = "closed", _("Closed without merging")


class Pull(models.Model):
    """A pull request in a mission's repository, as far as GitHub has told us; with or without a known owner."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="pulls")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="pulls")
    number = models.PositiveIntegerField()
    # GitHub's immutable id of the pull request.
    github_id = models.BigIntegerField()
    title = models.CharField(max_length=300)
    url = models.URLField(max_length=300)
    author_id = models.BigIntegerField()
    author_login = models.CharField(max_length=39)
    author_is_bot = models.BooleanField(default=False)
    head_sha = models.CharField(max_length=64)
    head_ref = models.CharField(max_length=255, blank=True)
    # "" once the fork is deleted.
    head_repository = models.CharField(max_length=140, blank=True)
    base_ref = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=8)  # open, closed, merged
    draft = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    # GitHub's updated_at of the newest fact taken in: an older delivery that arrives late changes nothing.
    github_updated_at = models.DateTimeField()
    # An operator said that this is nobody's submission.
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.UUIDField(null=True)
    # Conditional requests to GitHub's REST API.
    etag = models.CharField(max_length=100, blank=True)
    polled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mission", "number"], name="pull_number_once_per_mission"),
        ]
        indexes = [models.Index(fields=["cohort", "dismissed_at"], name="pull_by_cohort")]

    def __str__(self) -> str:
        return f"#{self.number}"


class Submission(models.Model):
    """A member's work on a mission: the pull request that is theirs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="submissions")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="submissions")
    pull = models.OneToOneField(Pull, on_delete=models.PROTECT, related_name="submission")
    # Denormalised from the membership, so that "my submissions" is one statement.
    account_id = models.UUIDField(db_index=True)
    # The mentor who reviews it; an account, since mentors leave and history stays.
    mentor_id = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=17, choices=State, default=State.WAITING)
    # True from a new attempt until a review is released or changes are requested: the review queue.
    awaits_review = models.BooleanField(default=True)
    # When the ball last came to the mentor's side: orders the queue.
    waiting_since = models.DateTimeField()
    # The newest released review's sum, NULL before; written through actions.record_score.
    points = models.PositiveSmallIntegerField(null=True)
    max_points = models.PositiveSmallIntegerField(null=True)
    released_at = models.DateTimeField(null=True)
    attempts_count = models.PositiveSmallIntegerField(default=0)
    is_late = models.BooleanField(default=False)
    # The head at the effective deadline, once that has passed. "" if nothing was handed in by then.
    sha_at_due = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "membership"], name="one_submission_per_mission_and_member"
            ),
        ]
        indexes = [
            models.Index(fields=["mentor_id", "awaits_review", "waiting_since"], name="queue_of_mentor"),
            models.Index(fields=["account_id", "created_at"], name="submissions_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.state}"


class Source(models.TextChoices):
    WEBHOOK = "webhook", _("GitHub webhook")
    LINK = "link", _("Pasted link")
    POLL = "poll", _("GitHub's REST API")
    OPERATOR = "operator", _("Matched by an operator")


class Attempt(models.Model):
    """One head that was handed in. Never changed: the server's time, the deadline that bound, and how late."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    head_sha = models.CharField(max_length=64)
    source = models.CharField(max_length=8, choices=Source)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    late_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="attempt_number_once"),
            models.UniqueConstraint(fields=["submission", "head_sha"], name="head_handed_in_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.head_sha[:7]}"


class Kind(models.TextChoices):
    """What happened on the pull request."""

    OPENED = "opened"
    REOPENED = "reopened"
    REVIEW_REQUESTED = "review_requested"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    COMMENTED = "commented"
    COMMITS_PUSHED = "commits_pushed"
    FORCE_PUSHED = "force_pushed"
    CHECKS_PASSED = "checks_passed"
    CHECKS_FAILED = "checks_failed"
    CLOSED = "closed"
    MERGED = "merged"


class Moment(models.Model):
    """One line of a pull request's story."""

    id = models.BigAutoField(primary_key=True)
    pull = models.ForeignKey(Pull, on_delete=models.CASCADE, related_name="moments")
    kind = models.CharField(max_length=17, choices=Kind)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    # Who did it, by GitHub login; "" where GitHub does not say.
    actor = models.CharField(max_length=39, blank=True)
    # The commit that it is about, and for pushes the one before.
    sha = models.CharField(max_length=64, blank=True)
    before_sha = models.CharField(max_length=64, blank=True)
    # A review's words, a check's name; shown as plain text.
    text = models.TextField(blank=True)
    # What makes it one and the same fact, however it reached us (redelivery, poll).
    key = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pull", "key"], name="moment_once_per_pull")]

    def __str__(self) -> str:
        return self.kind
