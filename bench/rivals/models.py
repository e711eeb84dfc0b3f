"""The tables as models of a Django application that owns all of them, with the columns that the API needs.

Unlike the study service, accounts are a table that foreign keys point to, so that names are joined.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Prefetch

from rivals import rules


def to(model: str, column: str = "", **options: Any) -> Any:
    """Return a foreign key that may be null, as every one is joined."""
    options = {"related_name": "+", **options}
    return models.ForeignKey(
        model, models.DO_NOTHING, null=True, db_column=column or None, db_constraint=False, **options
    )


class Account(models.Model):
    account_id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=100)

    class Meta:
        managed = False
        db_table = "account_mirror_accountmirror"


class Cohort(models.Model):
    id = models.UUIDField(primary_key=True)
    title = models.CharField(max_length=80)

    class Meta:
        managed = False
        db_table = "cohorts_cohort"


class Week(models.Model):
    id = models.UUIDField(primary_key=True)
    number = models.PositiveSmallIntegerField()

    class Meta:
        managed = False
        db_table = "cohorts_week"


class Membership(models.Model):
    id = models.UUIDField(primary_key=True)
    cohort = to("Cohort", related_name="memberships")
    account = to("Account")
    role = models.CharField(max_length=8)
    part_id = models.UUIDField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "cohorts_membership"


class Repository(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=140)

    class Meta:
        managed = False
        db_table = "github_repository"


class PullRequest(models.Model):
    id = models.UUIDField(primary_key=True)
    repository = to("Repository")
    number = models.PositiveIntegerField()
    url = models.URLField(max_length=300)

    class Meta:
        managed = False
        db_table = "github_pullrequest"


class TimelineEvent(models.Model):
    pull_request = to("PullRequest", related_name="events")
    kind = models.CharField(max_length=17)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    actor = models.CharField(max_length=39)
    sha = models.CharField(max_length=64)
    before_sha = models.CharField(max_length=64)
    text = models.TextField()
    count = models.PositiveIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "github_timelineevent"


class Mission(models.Model):
    id = models.UUIDField(primary_key=True)
    cohort = to("Cohort")
    week = to("Week")
    title = models.CharField(max_length=120)
    due_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "missions_mission"


class PartDeadline(models.Model):
    id = models.UUIDField(primary_key=True)
    mission = to("Mission", related_name="part_deadlines")
    part_id = models.UUIDField()
    due_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "missions_partdeadline"


class Extension(models.Model):
    id = models.UUIDField(primary_key=True)
    mission_id = models.UUIDField()
    membership = to("Membership", related_name="extensions")
    hours = models.PositiveSmallIntegerField()
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "missions_extension"


class Decision(models.Model):
    pull_request = models.OneToOneField(
        PullRequest, models.DO_NOTHING, primary_key=True, related_name="decision"
    )
    rule = models.CharField(max_length=10)

    class Meta:
        managed = False
        db_table = "submissions_missiondecision"


class Submission(models.Model):
    id = models.UUIDField(primary_key=True)
    cohort = to("Cohort")
    mission = to("Mission")
    membership = to("Membership")
    pull_request = to("PullRequest")
    account = to("Account")
    given_to = to("Account", "mentor_id")
    state = models.CharField(max_length=17)
    points = models.PositiveSmallIntegerField(null=True)
    max_points = models.PositiveSmallIntegerField(null=True)
    released_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    completing_event = to("TimelineEvent")
    attempts_count = models.PositiveSmallIntegerField()
    was_late = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "submissions_submission"

    @property
    def first_received_at(self) -> datetime | None:
        """Since when the first attempt counts."""
        return next((attempt.received_at for attempt in self.attempts.all() if attempt.number == 1), None)

    @property
    def handed_in_at(self) -> datetime:
        """The same, or when it was created."""
        return self.first_received_at or self.created_at

    @property
    def deadline(self) -> datetime:
        """The deadline that binds its member."""
        part_id = self.membership.part_id
        parts = (row.due_at for row in self.mission.part_deadlines.all() if row.part_id == part_id)
        hours = (row.hours for row in self.membership.extensions.all() if row.mission_id == self.mission_id)
        return rules.deadline(self.mission.due_at, next(parts, None), next(hours, None))

    @property
    def is_late(self) -> bool:
        """Whether even the first attempt came after the deadline."""
        received_at = self.first_received_at
        return received_at is not None and received_at > self.deadline

    @property
    def mentor(self) -> Account | None:
        """The account that it was given to, if that reviews in the cohort now."""
        reviewers = self.cohort.memberships.all()
        is_reviewer = any(reviewer.account_id == self.given_to_id for reviewer in reviewers)
        return self.given_to if is_reviewer else None

    @property
    def completion(self) -> str | None:
        """What completed it."""
        event = self.completing_event
        return rules.completion(self.completed_at, event.kind if event else None)

    @property
    def timeline(self) -> list[TimelineEvent]:
        """The events of its pull request, oldest first."""
        events = self.pull_request.events.all()
        return sorted(events, key=lambda event: rules.timeline_order(event.at, event.kind, event.sha))


class Attempt(models.Model):
    id = models.UUIDField(primary_key=True)
    submission = to("Submission", related_name="attempts")
    number = models.PositiveSmallIntegerField()
    head_sha = models.CharField(max_length=64, null=True)  # noqa: DJ001
    source = models.CharField(max_length=8)
    received_at = models.DateTimeField()
    clock = models.CharField(max_length=8, null=True)  # noqa: DJ001
    due_at = models.DateTimeField()
    late_seconds = models.PositiveIntegerField()

    class Meta:
        managed = False
        db_table = "submissions_attempt"

    @property
    def counted_by(self) -> str | None:
        """By which clock it counts."""
        return rules.clock(self.head_sha, self.clock)

    @property
    def is_late(self) -> bool:
        """Whether it came after the deadline."""
        return self.received_at > self.submission.deadline

    @property
    def work(self) -> None:
        """None: the data has pull requests only."""


def submissions(attempts: models.QuerySet[Attempt]) -> models.QuerySet[Submission]:
    """Return all submissions with what the API shows: one joined statement, and one for each relation."""
    reviewers = Membership.objects.filter(role__in=rules.REVIEWERS, left_at=None)
    extensions = Extension.objects.filter(withdrawn_at=None).order_by("-granted_at", "-id")
    joined = Submission.objects.select_related(
        "cohort",
        "mission__week",
        "membership",
        "pull_request__repository",
        "pull_request__decision",
        "account",
        "given_to",
        "completing_event",
    )
    return joined.prefetch_related(
        Prefetch("attempts", attempts),
        Prefetch("cohort__memberships", reviewers),
        Prefetch("membership__extensions", extensions),
        "mission__part_deadlines",
    )
