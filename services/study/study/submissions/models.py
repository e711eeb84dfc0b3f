"""Pull requests, submissions, attempts, timelines, and pull requests without an owner."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Subquery, When
from django.utils.translation import gettext_lazy as _

from study.cohorts.models import Cohort, Membership, Role
from study.missions.models import Mission, deadline_annotations


class Outcome(models.TextChoices):
    """The outcome of a GitHub event."""

    SUBMITTED = "submitted", _("Became a submission")
    RESUBMITTED = "resubmitted", _("Became another attempt")
    UPDATED = "updated", _("Added to the story")
    UNCHANGED = "unchanged", _("Nothing new")
    DRAFT = "draft", _("A draft: waits until it is ready")
    UNKNOWN_PERSON = "unknown_person", _("Nobody here has this GitHub account")
    CLAIMED = "claimed", _("A member says it is theirs")
    SECOND_PULL = "second_pull", _("Their second pull request for this mission")
    NO_AUTHOR = "no_author", _("The author's GitHub account is gone")
    STAFF = "staff", _("Opened by a mentor or an operator")
    COHORT_CLOSED = "cohort_closed", _("The cohort is closed")
    DISMISSED = "dismissed", _("Marked as no submission")
    BOT = "bot", _("Opened by a bot")
    UNKNOWN_REPOSITORY = "unknown_repository", _("No mission has this repository")
    OTHER_PULL = "other_pull", _("Its number belongs to a pull request of an earlier repository")
    REPOSITORY = "repository", _("Shown on the mission")
    UNKNOWN_COMMIT = "unknown_commit", _("No pull request has this commit")
    PING = "ping", _("The hook works")
    IGNORED = "ignored", _("Nothing that we use")


# Why a pull request waits in the operator's list.
UNMATCHED = [Outcome.UNKNOWN_PERSON, Outcome.CLAIMED, Outcome.SECOND_PULL, Outcome.NO_AUTHOR]


class State(models.TextChoices):
    """The status of a submission, computed from the pull request's events and our reviews."""

    WAITING = "waiting", _("Waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    RESUBMITTED = "resubmitted", _("Handed in again")
    APPROVED = "approved", _("Approved")
    MERGED = "merged", _("Merged")
    CLOSED = "closed", _("Closed without merging")


class PullRequest(models.Model):
    """A pull request in a mission's repository, as last reported by GitHub; its owner may be unknown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="pull_requests")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="pull_requests")
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
    state = models.CharField(max_length=8)  # open, closed, merged
    draft = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    # GitHub's updated_at of the newest ingested event: an older delivery does not overwrite the state.
    github_updated_at = models.DateTimeField()
    # The member, once matched by GitHub's id or by an operator.
    owner = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="pull_requests")
    # The member who submitted its link; an operator must confirm it.
    claimed_by = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, related_name="claimed_pull_requests"
    )
    # Why it waits in the operator's list, one of UNMATCHED; "" while it does not.
    unmatched = models.CharField(max_length=18, blank=True, choices=Outcome)
    # An operator said that this is nobody's submission.
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.UUIDField(null=True)
    # Conditional requests to GitHub's REST API.
    etag = models.CharField(max_length=100, blank=True)
    polled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mission", "number"], name="pull_request_number_once"),
        ]
        indexes = [
            models.Index(fields=["cohort", "unmatched", "opened_at"], name="pull_requests_unmatched"),
            models.Index(fields=["state", "polled_at"], name="pull_requests_to_poll"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


def _has_reviewer() -> Exists:
    reviewers = Membership.objects.live().filter(
        cohort_id=OuterRef("mission__cohort_id"),
        account_id=OuterRef("mentor_id"),
        role__in=[Role.MENTOR, Role.OPERATOR],
    )
    return Exists(reviewers)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def with_lateness(self) -> SubmissionQuerySet:
        """Annotate what determines lateness: the time of the first attempt, and the parts of the deadline."""
        first = Attempt.objects.filter(submission=OuterRef("id"), number=1)
        return self.annotate(
            first_received_at=Subquery(first.values("received_at")[:1]),
            **deadline_annotations(
                OuterRef("mission_id"),
                membership=OuterRef("membership_id"),
                part=OuterRef("membership__part_id"),
            ),
        )

    def assigned(self) -> SubmissionQuerySet:
        """Those whose mentor reviews in the cohort now.

        Derived, so that leaving, demotion and a closed account unassign at once, whatever wrote them.
        """
        return self.filter(_has_reviewer())

    def unassigned(self) -> SubmissionQuerySet:
        """The others: given to nobody, or to somebody who reviews here no more."""
        return self.filter(~_has_reviewer())

    def with_assignee(self) -> SubmissionQuerySet:
        """With `assignee_id`: the mentor's account, NULL for the unassigned."""
        return self.annotate(assignee_id=Case(When(_has_reviewer(), then=F("mentor_id"))))


class Submission(models.Model):
    """A member's work on a mission: the pull request that is theirs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="submissions")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="submissions")
    pull_request = models.OneToOneField(PullRequest, on_delete=models.PROTECT, related_name="submission")
    # Denormalised from the membership, so that "my submissions" is one statement.
    account_id = models.UUIDField(db_index=True)
    # The mentor to whom it was given; an account, since mentors leave and history stays. Whether
    # that still holds is SubmissionQuerySet.assigned.
    mentor_id = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=17, choices=State, default=State.WAITING)
    # True from a new attempt until a review is released or changes are requested: the review queue.
    awaits_review = models.BooleanField(default=True)
    # Since when it awaits review: orders the queue.
    waiting_since = models.DateTimeField()
    # The newest released review's sum, NULL before; written through actions.record_score.
    points = models.PositiveSmallIntegerField(null=True)
    max_points = models.PositiveSmallIntegerField(null=True)
    released_at = models.DateTimeField(null=True)
    attempts_count = models.PositiveSmallIntegerField(default=0)
    # Whether the first attempt came after the deadline of that time: the record. Pages and counts use the
    # deadline in force now (queries.is_late).
    is_late = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = SubmissionQuerySet.as_manager()

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

    @property
    def display_state(self) -> str:
        """The state to show: "released" instead of waiting for a review that was released already."""
        waits = self.state in {State.WAITING, State.RESUBMITTED}
        return "released" if waits and self.released_at and not self.awaits_review else self.state


class Source(models.TextChoices):
    WEBHOOK = "webhook", _("GitHub webhook")
    LINK = "link", _("Pasted link")
    POLL = "poll", _("GitHub's REST API")
    OPERATOR = "operator", _("Matched by an operator")


class Clock(models.TextChoices):
    """Which time an attempt counts from (docs/adr/0028)."""

    OPENED = "opened", _("GitHub's time of the opening")
    PUSHED = "pushed", _("GitHub's time of the push")
    READY = "ready", _("GitHub's time of marking it ready")
    REOPENED = "reopened", _("GitHub's time of reopening it")
    CHECKED = "checked", _("GitHub's time of the first check")
    REVIEWED = "reviewed", _("GitHub's time of the first review")
    MERGED = "merged", _("GitHub's time of the merge")
    SEEN = "seen", _("The time our server first saw it")


class Attempt(models.Model):
    """A submitted head commit: its time, the source of the time, its deadline, its lateness.

    A delivery that arrives late may correct its time and its number, and nothing else does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    head_sha = models.CharField(max_length=64)
    source = models.CharField(max_length=8, choices=Source)
    received_at = models.DateTimeField()
    # NULL where the release before this one wrote it: our server's time of receiving it.
    clock = models.CharField(max_length=8, null=True, choices=Clock)  # noqa: DJ001
    # Our server's time of writing this row: a review released before it was not about this head.
    recorded_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    late_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="attempt_number_once"),
            models.UniqueConstraint(fields=["submission", "head_sha"], name="head_handed_in_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.head_sha[:7]}"


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
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="timeline_events")
    kind = models.CharField(max_length=17, choices=EventKind)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    # Who did it, by GitHub login; "" where GitHub does not say.
    actor = models.CharField(max_length=39, blank=True)
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
    # Whether `reviewable_at` is GitHub's time; NULL where the release before this one wrote it by our clock.
    is_github_time = models.BooleanField(null=True)
    # Of checks: when GitHub created their suite.
    suite_created_at = models.DateTimeField(null=True)
    # Of a review that moves the state: whose it is, so that nobody's own work is among them.
    reviewer = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    # A review by a mentor or an operator of the cohort: it moves the state.
    is_authorised_review = models.BooleanField(default=False)
    # When to ask GitHub whether the push rewrote history; NULL once known, given up, or not a push.
    compare_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pull_request", "key"], name="timeline_event_once")]
        indexes = [models.Index(fields=["sha"], name="timeline_events_of_commit")]

    def __str__(self) -> str:
        return self.kind


class ObservedHead(models.Model):
    """A reviewable head that was observed before the delivery that dates it."""

    id = models.BigAutoField(primary_key=True)
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="observed_heads")
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
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="early_checks")
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
                fields=["mission", "suite_id", "run_id", "conclusion"], name="early_check_once"
            ),
        ]
        indexes = [models.Index(fields=["mission", "sha"], name="early_checks_of_commit")]

    def __str__(self) -> str:
        return f"{self.sha[:7]} {self.conclusion}"


class RepositoryPoll(models.Model):
    """The last poll of the pull requests of a mission's repository."""

    mission = models.OneToOneField(
        Mission, on_delete=models.CASCADE, primary_key=True, related_name="repository_poll"
    )
    # "" until GitHub has answered.
    etag = models.CharField(max_length=100, blank=True)
    polled_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.polled_at)


class PendingLink(models.Model):
    """A link that a member submitted while GitHub did not answer; it is retried.

    One that could not be handed in stays, with the reason, until its member pastes another.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="pending_links")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="pending_links")
    number = models.PositiveIntegerField()
    pasted_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_index=True)
    # The code of the error that GitHub's response led to; NULL while it waits. Nullable because the previous
    # release, which does not know the column, still inserts rows during a deployment.
    error_code = models.CharField(max_length=32, null=True)  # noqa: DJ001

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mission", "membership", "number"], name="pending_link_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


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
