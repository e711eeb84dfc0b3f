"""Watched repositories, their pull requests and timelines, and the webhook of a cohort."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from study.cohorts.models import Cohort, Membership


class Outcome(models.TextChoices):
    """What became of a GitHub event. The list of deliveries shows it, the API's answers contain it."""

    # Of a pull request, as its subscriber returns them: this app only stores and shows them.
    SUBMITTED = "submitted", _("Became a submission")
    RESUBMITTED = "resubmitted", _("Became another attempt")
    UPDATED = "updated", _("Added to the timeline")
    UNCHANGED = "unchanged", _("Nothing new")
    QUEUED = "queued", _("A link: waits until GitHub responds")
    DRAFT = "draft", _("A draft: waits until it is ready")
    UNKNOWN_PERSON = "unknown_person", _("Nobody here has this GitHub account")
    CLAIMED = "claimed", _("Claimed by a member")
    SECOND_PULL = "second_pull", _("Their second pull request for this mission")
    UNRESOLVED = "unresolved", _("Several missions are possible: an organizer decides")
    OTHER_COHORT = "other_cohort", _("Belongs to a mission of another cohort")
    REVERT = "revert", _("Reverts another pull request")
    NO_AUTHOR = "no_author", _("The author's GitHub account is gone")
    STAFF = "staff", _("Opened by a mentor or an organizer")
    COHORT_CLOSED = "cohort_closed", _("The cohort is closed")
    DISMISSED = "dismissed", _("Marked as no submission")
    # Of every other event, and of pull requests that the subscriber does not receive.
    BOT = "bot", _("Opened by a bot")
    UNKNOWN_REPOSITORY = "unknown_repository", _("No mission has this repository")
    OTHER_PULL = "other_pull", _("Its number belongs to a pull request of an earlier repository")
    REPOSITORY = "repository", _("Shown on the mission")
    UNKNOWN_COMMIT = "unknown_commit", _("No pull request has this commit")
    PING = "ping", _("The webhook works")
    IGNORED = "ignored", _("Nothing that we use")


# Why a pull request waits in the operator's list.
UNMATCHED = [
    Outcome.UNKNOWN_PERSON,
    Outcome.CLAIMED,
    Outcome.SECOND_PULL,
    Outcome.NO_AUTHOR,
    Outcome.UNRESOLVED,
]


class Source(models.TextChoices):
    """How a pull request or an attempt reached us. Attempts store it."""

    WEBHOOK = "webhook", _("GitHub webhook")
    LINK = "link", _("Pasted link")
    POLL = "poll", _("GitHub's REST API")
    OPERATOR = "operator", _("Matched by an organizer")
    DIRECT = "direct", _("Sent to Seodang")


class RepositoryState(models.TextChoices):
    ACTIVE = "active", _("Active")
    PRIVATE = "private", _("Private")
    DELETED = "deleted", _("Deleted")


class Repository(models.Model):
    """A repository that a cohort watches. An operator enters its name; GitHub's first event teaches its id.

    From then on the id decides (docs/adr/0029). A name like "owner/*" is the pattern of the members' personal
    repositories: each becomes a row with its first event, pinned by its id.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="repositories")
    # "owner/name", lower case: GitHub's names do not differ by case.
    name = models.CharField(max_length=140)
    # GitHub's immutable id: a rename or a transfer keeps it. NULL until an event teaches it.
    github_id = models.BigIntegerField(null=True)
    # GitHub's time of the newest name taken over: an older delivery does not put an old name back.
    named_at = models.DateTimeField(null=True)
    # "owner/name" before the newest rename or transfer, "" if there was none.
    previous_name = models.CharField(max_length=140, blank=True)
    state = models.CharField(max_length=8, choices=RepositoryState, default=RepositoryState.ACTIVE)
    # GitHub's time of the event that set the state; NULL before the first.
    state_at = models.DateTimeField(null=True)
    # The last poll of its pull requests; the etag is "" until GitHub has answered.
    polled_at = models.DateTimeField(null=True)
    etag = models.CharField(max_length=100, blank=True)
    # The row with the pattern "owner/*" that this repository matched, if it is one member's.
    pattern = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="repositories")
    # Whose personal repository it is, by the author of its first pull request or by an operator.
    member = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="repositories")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "name"], name="repository_once_per_cohort"),
            models.UniqueConstraint(fields=["cohort", "github_id"], name="github_repository_once_per_cohort"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_pattern(self) -> bool:
        return self.name.endswith("*")

    @property
    def is_personal(self) -> bool:
        """Return whether it is one member's: its owner can merge without anybody else."""
        return self.pattern_id is not None


class PullRequest(models.Model):
    """A pull request in a watched repository, as last reported by GitHub; its member may be unknown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="pull_requests")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    # GitHub's immutable id of the pull request.
    github_id = models.BigIntegerField()
    title = models.CharField(max_length=300)
    url = models.URLField(max_length=300)
    # 0 and "" once the author's GitHub account is gone.
    author_id = models.BigIntegerField()
    author_login = models.CharField(max_length=39, blank=True)
    head_sha = models.CharField(max_length=64)
    head_ref = models.CharField(max_length=255, blank=True)
    # "" once the fork is deleted.
    head_repository = models.CharField(max_length=140, blank=True)
    base_ref = models.CharField(max_length=255, blank=True)
    # Names, one on a line.
    labels = models.CharField(max_length=1000, blank=True, db_default="")
    state = models.CharField(max_length=8)  # open, closed, merged
    # Of a revert: the number of what it reverts, if its branch or text names it.
    reverted_number = models.PositiveIntegerField(null=True)
    draft = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    # GitHub's updated_at of the newest ingested event: an older delivery does not overwrite the state.
    github_updated_at = models.DateTimeField()
    # The member who opened it, once matched by GitHub's id or by an operator.
    member = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    # The member who submitted its link; an operator must confirm it.
    claimed_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    # Why it waits in the operator's list, "" while it does not.
    unmatched = models.CharField(max_length=18, blank=True, choices=Outcome)
    # An operator said that this is nobody's submission.
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.UUIDField(null=True)
    # Conditional requests to GitHub's REST API.
    etag = models.CharField(max_length=100, blank=True)
    polled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["repository", "number"], name="pull_request_number_once"),
        ]
        indexes = [
            models.Index(fields=["unmatched", "cohort", "opened_at"], name="pull_requests_unmatched"),
            models.Index(fields=["state", "polled_at"], name="pull_requests_to_poll"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class EventKind(models.TextChoices):
    """What happened on the pull request."""

    OPENED = "opened"
    DRAFT_OPENED = "draft_opened"
    DRAFTED = "drafted"
    READY = "ready"
    REOPENED = "reopened"
    REVIEW_REQUESTED = "review_requested"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    COMMENTED = "commented"
    REVIEW_DISMISSED = "review_dismissed"
    COMMITS_PUSHED = "commits_pushed"
    FORCE_PUSHED = "force_pushed"
    CHECKS_PASSED = "checks_passed"
    CHECKS_FAILED = "checks_failed"
    CLOSED = "closed"
    MERGED = "merged"


class TimelineEvent(models.Model):
    """One event in the timeline of a pull request."""

    id = models.BigAutoField(primary_key=True)
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=17, choices=EventKind)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    # Who did it, by GitHub login; "" where GitHub does not say.
    actor = models.CharField(max_length=39, blank=True)
    # The actor's GitHub id, of reviews and merges; NULL where GitHub does not say.
    actor_id = models.BigIntegerField(null=True)
    # The commit that it is about, and for pushes the one before.
    sha = models.CharField(max_length=64, blank=True)
    before_sha = models.CharField(max_length=64, blank=True)
    # A review's words, a check's name, the person asked; shown as plain text.
    text = models.TextField(blank=True)
    # How many commits were pushed or checks ran, where GitHub says.
    count = models.PositiveIntegerField(null=True)
    # Identifies the event across redelivery and polling.
    key = models.CharField(max_length=120)
    # When `sha` became reviewable. NULL for a draft's commit and for events that are not about the head.
    reviewable_at = models.DateTimeField(null=True)
    # Whether `reviewable_at` is GitHub's time; NULL without a `reviewable_at`.
    is_github_time = models.BooleanField(null=True)
    # Of checks: when GitHub created their suite.
    suite_created_at = models.DateTimeField(null=True)
    # Of an approval, a change request or a merge: the mentor or operator who did it, never the author.
    reviewer = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    # A review or merge by a mentor or an operator of the cohort: it moves the state.
    is_authorised_review = models.BooleanField(default=False)
    # When to ask GitHub whether the push rewrote history; NULL once known, given up, or not a push.
    compare_due_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pull_request", "key"], name="timeline_event_once")]
        indexes = [models.Index(fields=["sha"], name="timeline_events_of_commit")]

    def __str__(self) -> str:
        return self.kind


class ObservedHead(models.Model):
    """A reviewable head that an event showed before the webhook with its time arrived."""

    id = models.BigAutoField(primary_key=True)
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="+")
    sha = models.CharField(max_length=64)
    # Our server's time of the first observation.
    observed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pull_request", "sha"], name="head_observed_once")]

    def __str__(self) -> str:
        return self.sha[:7]


class EarlyCheck(models.Model):
    """Checks that arrived before the push of their commit; deleted after 30 days."""

    id = models.BigAutoField(primary_key=True)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="+")
    sha = models.CharField(max_length=64)
    suite_id = models.BigIntegerField()
    # 0 for the suite as a whole.
    run_id = models.BigIntegerField()
    name = models.CharField(max_length=120, blank=True)
    conclusion = models.CharField(max_length=32)
    count = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()
    suite_created_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "suite_id", "run_id", "conclusion"], name="early_check_once"
            ),
        ]
        indexes = [models.Index(fields=["repository", "sha"], name="early_checks_of_commit")]

    def __str__(self) -> str:
        return f"{self.sha[:7]} {self.conclusion}"


class GitHubLimit(models.Model):
    """The state of GitHub's rate limits: one row, since they apply to the whole installation."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    # No request is sent before this time.
    resumes_at = models.DateTimeField(null=True)
    # No background request is sent before this time.
    background_resumes_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.resumes_at)


class Webhook(models.Model):
    """One per cohort; its id is the last part of the address that GitHub posts to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.OneToOneField(Cohort, on_delete=models.CASCADE, related_name="webhook")
    # Encrypted with FIELD_KEY. While rotating, the old one is valid until `previous_secret_expires_at`.
    secret = models.TextField()
    previous_secret = models.TextField(blank=True)
    previous_secret_expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_ping_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)

    @property
    def payload_url(self) -> str:
        """Return the address that an operator enters on GitHub."""
        return f"{settings.PUBLIC_URL}{reverse('github:github', args=[self.id])}"


class WebhookDelivery(models.Model):
    """A processed delivery by GitHub's id, with its outcome, through a cohort's webhook or through the App's.

    The App has one webhook: its deliveries have a row in each cohort that they are for.
    """

    id = models.BigAutoField(primary_key=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, null=True, related_name="deliveries")
    # Of a delivery through the App. A constraint would lock the cohort before the repository, which others
    # lock the other way round.
    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, null=True, related_name="+", db_constraint=False
    )
    delivery_id = models.CharField(max_length=64)
    event_type = models.CharField(max_length=64)
    action = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=32, choices=Outcome)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "delivery_id"], name="delivery_applied_once"),
            models.UniqueConstraint(fields=["cohort", "delivery_id"], name="app_delivery_applied_once"),
            models.CheckConstraint(
                condition=Q(webhook=None, cohort__isnull=False) | Q(webhook__isnull=False, cohort=None),
                name="delivery_by_webhook_or_app",
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "received_at"], name="deliveries_of_webhook"),
            models.Index(fields=["cohort", "received_at"], name="app_deliveries_of_cohort"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.outcome}"
