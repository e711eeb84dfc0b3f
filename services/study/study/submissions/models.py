"""Submissions, their attempts, and pending links."""

from __future__ import annotations

import uuid
from datetime import datetime
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Cohort, Membership
from study.github.models import PullRequest, Source, TimelineEvent
from study.missions.models import Mission, deadline_annotations
from study.missions.rules.assignment import AssignmentRule
from study.missions.rules.deadlines import Deadline, deadline_from_row, is_after_deadline, is_handed_in
from study.missions.rules.markdown import render_markdown
from study.missions.rules.submissions import completion_of, counted_by, display_state

MAX_URL_LENGTH = 2000
# Of one attempt. Together, so that the requests of several members fit into the memory of a web process.
MAX_FILES, MAX_FILE_SIZE = 5, 5 * 1024 * 1024
MAX_FILES_SIZE = 10 * 1024 * 1024


class State(models.TextChoices):
    """The status of a submission, computed from the pull request's events and our reviews."""

    WAITING = "waiting", _("Waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    RESUBMITTED = "resubmitted", _("Resubmitted")
    APPROVED = "approved", _("Approved")
    MERGED = "merged", _("Merged")
    CLOSED = "closed", _("Closed without merging")
    REVERTED = "reverted", _("Merge reverted")
    # By GitHub or by the submission alone, not by a review in Seodang: Mission.completed_by.
    COMPLETED = "completed", _("Completed")


def has_reviewer() -> Exists:
    """Return whether a submission's mentor reviews in the cohort now, for a query of Submission."""
    reviewers = Membership.objects.reviewers().filter(
        cohort_id=OuterRef("mission__cohort_id"), account_id=OuterRef("mentor_id")
    )
    return Exists(reviewers)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def handed_in(self) -> SubmissionQuerySet:
        """Filter as Submission.is_handed_in."""
        return self.exclude(state__in=[State.CLOSED, State.REVERTED], released_at=None)

    def with_first_attempt(self) -> SubmissionQuerySet:
        """Annotate `first_received_at`: since when the first attempt counts."""
        first = Attempt.objects.filter(submission=OuterRef("id"), number=1).values("received_at")
        # The model declares it, for its properties.
        return self.annotate(first_received_at=Subquery(first[:1]))  # type: ignore[no-redef]

    def with_lateness(self) -> SubmissionQuerySet:
        """Annotate what determines lateness: the time of the first attempt, and the parts of the deadline."""
        return self.with_first_attempt().annotate(
            **deadline_annotations(
                OuterRef("mission_id"),
                membership=OuterRef("membership_id"),
                part=OuterRef("membership__part_id"),
            )
        )

    def assigned(self) -> SubmissionQuerySet:
        """Those whose mentor reviews in the cohort now.

        Derived, so that leaving, demotion and a closed account unassign at once, whatever wrote them.
        """
        return self.filter(has_reviewer())

    def unassigned(self) -> SubmissionQuerySet:
        """The others: given to nobody, or to somebody who reviews here no more."""
        return self.filter(~has_reviewer())

    def with_assignee(self) -> SubmissionQuerySet:
        """With `assignee_id`: the mentor's account, NULL for the unassigned."""
        return self.annotate(assignee_id=Case(When(has_reviewer(), then=F("mentor_id"))))

    def for_reading(self) -> SubmissionQuerySet:
        """Join what a page of it shows; annotate lateness, assignee, and the author's and mentor's names.

        A name (`name`, `mentor`) is None if the account is unknown.
        """
        related = (
            *("mission__cohort", "mission__week"),
            *("pull_request__decision", "pull_request__repository", "membership__part"),
            "completing_event",
        )
        joined = self.select_related(*related).with_lateness().with_assignee()
        return joined.annotate(
            name=AccountMirror.objects.name_of(OuterRef("account_id")),
            mentor=AccountMirror.objects.name_of(OuterRef("assignee_id")),
        )


class MissionDecision(models.Model):
    """For which mission a pull request is, and which rule decided. It stays when missions are edited.

    `mission` is NULL while an operator must decide: `decided_at` is when rules were applied last, or 1970.
    """

    pull_request = models.OneToOneField(
        PullRequest, on_delete=models.CASCADE, primary_key=True, related_name="decision"
    )
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, null=True, related_name="+")
    rule = models.CharField(max_length=10, choices=AssignmentRule)
    # The operator's account; NULL where a rule decided.
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(mission=None, rule=AssignmentRule.UNRESOLVED)
                | Q(mission__isnull=False) & ~Q(rule=AssignmentRule.UNRESOLVED),
                name="decision_has_mission_or_is_unresolved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pull_request_id} {self.rule}"


class Submission(models.Model):
    """A member's work on a mission: the pull request that is theirs, or what they sent to Seodang.

    Once there is a pull request, it is what counts; what was sent before stays as earlier attempts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="submissions")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="submissions")
    # NULL where everything was sent to Seodang: Attempt.work.
    pull_request = models.OneToOneField(
        PullRequest, on_delete=models.PROTECT, null=True, related_name="submission"
    )
    # Denormalised from the mission, for lists. NULL where the release before wrote it, until set_cohorts.
    cohort = models.ForeignKey(Cohort, models.CASCADE, null=True, db_index=False, related_name="+")
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
    # Since when it is complete without a review in Seodang; NULL while it is not.
    completed_at = models.DateTimeField(null=True)
    # The approval or merge that completed it; NULL for a submission that is enough alone.
    completing_event = models.ForeignKey(
        TimelineEvent, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    attempts_count = models.PositiveSmallIntegerField(default=0)
    # Whether the first attempt came after the deadline of that time: the record. Pages and counts use
    # `is_late`, by the deadline in force now.
    was_late = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    # Only there on what with_first_attempt has read.
    first_received_at: datetime | None

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
            models.Index(fields=["cohort", "created_at", "id"], name="submissions_of_cohort"),
            models.Index(fields=["cohort", "state", "created_at", "id"], name="submissions_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.state}"

    @property
    def display_state(self) -> str:
        """Return the state to show."""
        return display_state(self.state, released_at=self.released_at, awaits_review=self.awaits_review)

    @property
    def completion(self) -> str | None:
        """Return what completed it: "approval", "merge", "submission", or None."""
        return completion_of(self.completed_at, getattr(self.completing_event, "kind", None))

    @property
    def deadline(self) -> Deadline:
        """Return the deadline in force now. Of a submission that was read `with_lateness`; no query."""
        return deadline_from_row(self, base=self.mission.due_at)

    @property
    def is_late(self) -> bool:
        """Return whether even the first attempt came after the deadline in force now."""
        return is_after_deadline(self.first_received_at, self.deadline.at)

    @property
    def is_handed_in(self) -> bool:
        """Return whether there is work to grade."""
        return is_handed_in(self.state, reviewed=self.released_at is not None)

    @property
    def handed_in_at(self) -> datetime:
        """Return since when the first attempt counts."""
        return self.first_received_at or self.created_at


class Clock(models.TextChoices):
    """Which time an attempt counts from (docs/adr/0028)."""

    OPENED = "opened", _("GitHub's time of the opening")
    PUSHED = "pushed", _("GitHub's time of the push")
    READY = "ready", _("GitHub's time of marking it ready")
    REOPENED = "reopened", _("GitHub's time of reopening it")
    CHECKED = "checked", _("GitHub's time of the first check")
    REVIEWED = "reviewed", _("GitHub's time of the first review")
    MERGED = "merged", _("GitHub's time of the merge")
    RECEIVED = "received", _("The time our server received it")
    SEEN = "seen", _("The time our server first saw it")


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def with_work(self) -> AttemptQuerySet:
        """Load what was sent to Seodang with each, and its files, annotated with `is_stored`. Two queries."""
        files = Prefetch("work__submitted_files", files_with_is_stored())
        return self.select_related("work").prefetch_related(files)


class Attempt(models.Model):
    """A submitted head commit, or something sent to Seodang: its time, what clock that is by, its deadline.

    A delivery that arrives late may correct a commit's time and its number, and nothing else does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    # NULL for what was sent to Seodang: `work`.
    head_sha = models.CharField(max_length=64, null=True)  # noqa: DJ001
    source = models.CharField(max_length=8, choices=Source)
    received_at = models.DateTimeField()
    # NULL for what was sent to Seodang (`counted_by`), since the release before has no RECEIVED and fails
    # on it, and where an earlier release wrote the row.
    clock = models.CharField(max_length=8, null=True, choices=Clock)  # noqa: DJ001
    # Our server's time of writing this row: a review released before it was not about this head.
    recorded_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    late_seconds = models.PositiveIntegerField(default=0)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="attempt_number_once"),
            models.UniqueConstraint(fields=["submission", "head_sha"], name="head_handed_in_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {(self.head_sha or '')[:7]}"

    @property
    def counted_by(self) -> Clock | None:
        """Return which time counted; None where an earlier release used its own."""
        clock = counted_by(self.clock, self.head_sha)
        return Clock(clock) if clock else None

    @property
    def clock_label(self) -> str:
        """Return which time counted, in words."""
        return str((self.counted_by or Clock.SEEN).label)

    @property
    def is_late(self) -> bool:
        """Return whether it came after the deadline in force now, as Submission.is_late."""
        return is_after_deadline(self.received_at, self.submission.deadline.at)


class SubmittedWork(models.Model):
    """What was sent to Seodang with an attempt: a text, a link, files, or several of them."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, primary_key=True, related_name="work")
    # Markdown; sanitised when shown.
    text = models.TextField(blank=True)
    link = models.CharField(max_length=MAX_URL_LENGTH, blank=True)

    def __str__(self) -> str:
        return str(self.attempt_id)

    @property
    def html(self) -> SafeString:
        """Return the text as sanitised HTML."""
        return render_markdown(self.text)

    @property
    def link_host(self) -> str:
        """Return where the link leads."""
        return urlsplit(self.link).hostname or ""


def is_stored() -> Exists:
    """Return whether the content of a file is there still, for a query of SubmittedFile."""
    return Exists(FileContent.objects.filter(file=OuterRef("id")))


def files_with_is_stored() -> QuerySet[SubmittedFile]:
    """Return files in their order, annotated with `is_stored`."""
    return SubmittedFile.objects.annotate(is_stored=is_stored()).order_by("position")


class SubmittedFile(models.Model):
    """A submitted file without its content, so that no list loads that."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    work = models.ForeignKey(SubmittedWork, on_delete=models.CASCADE, related_name="submitted_files")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    # By its content (rules.files), whatever its sender says.
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work", "position"], name="submitted_file_position_once"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MAX_FILES), name="submitted_files_at_most"
            ),
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=MAX_FILE_SIZE), name="submitted_file_has_size"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FileContent(models.Model):
    """A piece of a submitted file. Deleted once a later attempt has replaced the file unreviewed."""

    file = models.ForeignKey(SubmittedFile, on_delete=models.CASCADE, related_name="pieces")
    position = models.PositiveSmallIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "position"], name="file_content_position_once")
        ]

    def __str__(self) -> str:
        return str(self.position)


class PendingLink(models.Model):
    """A link that a member submitted while GitHub did not answer; it is retried.

    One that could not be handed in stays, with the reason, until its member pastes another.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="pending_links")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="pending_links")
    # The link's "owner/name", "" where the release before wrote the row.
    repository = models.CharField(max_length=140, blank=True, db_default="")
    number = models.PositiveIntegerField()
    pasted_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_index=True)
    # The code of the error that GitHub's response led to; NULL while it waits. Nullable because the previous
    # release, which does not know the column, still inserts rows during a deployment.
    error_code = models.CharField(max_length=32, null=True)  # noqa: DJ001

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "membership", "repository", "number"], name="pending_link_once"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"
