"""Missions: what is asked, by when, and how it is scored."""

from __future__ import annotations

import uuid
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from study.cohorts.models import Cohort, Membership, Part, Role, Team, Week
from study.github.models import Repository


def deadline_annotations(mission: OuterRef, *, membership: Any, part: Any) -> dict[str, Subquery]:
    """Return annotations with the part deadline and the extension of a member.

    `membership` and `part` are ids, or OuterRefs to them; rules.deadlines.deadline_from_row computes the
    deadline from the columns.
    """
    extension = Extension.objects.active().filter(mission=mission, membership=membership).newest_first()
    part_deadline = PartDeadline.objects.filter(mission=mission, part=part)
    return {
        "part_deadline_at": Subquery(part_deadline.values("due_at")[:1]),
        "extension_hours": Subquery(extension.values("hours")[:1]),
        "extension_reason": Subquery(extension.values("reason")[:1]),
    }


def has_repository(*repositories: Any) -> Q:
    """Return the condition that a mission's pull requests come from one of them: ids, or expressions.

    None is left out. It joins a table, so a mission may be found twice.
    """
    conditions = (
        Q(github_repository=id_) | Q(extra_repositories=id_) for id_ in repositories if id_ is not None
    )
    return reduce(or_, conditions, Q(pk__in=[]))


def is_scored() -> Exists:
    """Return the condition that a review, even a draft, scores by the mission's rubric."""
    return Exists(import_string(settings.MISSION_REVIEWS)(OuterRef("id")))


class CompletedBy(models.TextChoices):
    """What completes a mission for a member (docs/adr/0044)."""

    REVIEW = "review", _("A review in Seodang")
    APPROVAL = "approval", _("An approval or a merge on GitHub")
    EITHER = "either", _("A review in Seodang, or an approval or a merge on GitHub")
    SUBMISSION = "submission", _("The submission alone")


class SubmissionKind(models.TextChoices):
    """What a member submits. A mission accepts one kind or several: Mission.accepts_<kind>."""

    PULL_REQUEST = "pull_request", _("Pull request")
    FILE = "file", _("Files")
    TEXT = "text", pgettext_lazy("submission", "Text")
    LINK = "link", _("Link")


class MissionQuerySet(models.QuerySet["Mission"]):
    def of_repository(self, repository_id: UUID) -> MissionQuerySet:
        """Filter what a pull request of the repository, or of its pattern, may be for; as they open."""
        pattern = Repository.objects.filter(id=repository_id).values("pattern")
        return (
            self.filter(has_repository(repository_id, Subquery(pattern)), accepts_pull_request=True)
            .order_by("opens_at", "title", "id")
            .distinct()
        )

    def for_membership(self, membership: Membership) -> MissionQuerySet:
        """Annotate `membership_id`, deadline_annotations, and what the setting MISSION_ANNOTATIONS adds."""
        return self.annotate(
            membership_id=Value(membership.id, output_field=models.UUIDField()),
            **deadline_annotations(OuterRef("id"), membership=membership.id, part=membership.part_id),
            **import_string(settings.MISSION_ANNOTATIONS)(membership.id),
        )

    def of_member(self, membership: Membership) -> MissionQuerySet:
        """Filter what is for this membership, as Mission.is_for."""
        if membership.role != Role.MEMBER:
            return self.none()
        return self.filter(Q(part=None) | Q(part=membership.part_id), _is_of_no_other_team(membership))

    def visible_to(self, membership: Membership) -> MissionQuerySet:
        """Filter what it may read: of other teams, a member only what they submitted.

        Call it on what is read `for_membership`.
        """
        if membership.role != Role.MEMBER:
            return self
        return self.filter(_is_of_no_other_team(membership) | Q(submission_id__isnull=False))


def _is_of_no_other_team(membership: Membership) -> Q:
    return Q(team=None) | Q(team__in=membership.team_ids)


class Mission(models.Model):
    """A task for one part, for one team, or for everyone. Each member of a team submits on their own.

    Missions may share the repositories of their pull requests.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="missions")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True, related_name="missions")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="missions")
    week = models.ForeignKey(Week, on_delete=models.PROTECT, related_name="missions")
    title = models.CharField(max_length=120)
    # Markdown; sanitised when shown.
    body = models.TextField(blank=True)
    accepts_pull_request = models.BooleanField(default=True, db_default=True)
    accepts_file = models.BooleanField(default=False, db_default=False)
    accepts_text = models.BooleanField(default=False, db_default=False)
    accepts_link = models.BooleanField(default=False, db_default=False)
    # NULL where pull requests are not accepted.
    github_repository = models.ForeignKey(
        Repository, on_delete=models.CASCADE, null=True, related_name="missions"
    )
    # Others from which its pull requests come, such as one per part.
    extra_repositories = models.ManyToManyField(Repository, related_name="extra_missions")
    # Text that its pull requests contain in title, branch or label (rules.assignment); "" without one.
    marker = models.CharField(max_length=60, blank=True, db_default="")
    completed_by = models.CharField(
        max_length=10, choices=CompletedBy, default=CompletedBy.REVIEW, db_default=CompletedBy.REVIEW
    )
    opens_at = models.DateTimeField()
    # The base deadline; what binds a person is missions.rules.deadlines.effective_deadline.
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    # When what decides about pull requests was changed last: those that wait are looked at again.
    decides_since = models.DateTimeField(null=True)

    # Only there on what access.mission_for_operator has read.
    is_scored: bool

    objects = MissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(due_at__gt=F("opens_at")), name="mission_due_after_opening"),
            models.CheckConstraint(
                condition=Q(part=None) | Q(team=None), name="mission_for_a_part_or_a_team"
            ),
            models.CheckConstraint(
                condition=Q(accepts_pull_request=True)
                | Q(accepts_file=True)
                | Q(accepts_text=True)
                | Q(accepts_link=True),
                name="mission_accepts_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(accepts_pull_request=False) | Q(github_repository__isnull=False),
                name="mission_of_pull_requests_has_repository",
            ),
            # GitHub approves only pull requests.
            models.CheckConstraint(
                condition=Q(completed_by__in=[CompletedBy.REVIEW, CompletedBy.SUBMISSION])
                | Q(completed_by=CompletedBy.EITHER, accepts_pull_request=True)
                | Q(accepts_file=False, accepts_text=False, accepts_link=False),
                name="mission_completed_by_what_it_accepts",
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "due_at"], name="missions_by_deadline"),
            # Those of every cohort whose deadline is not long past.
            models.Index(fields=["due_at"], name="missions_due"),
        ]

    def __str__(self) -> str:
        return self.title

    def is_for(self, membership: Membership) -> bool:
        """Return whether it is theirs to do, as MissionQuerySet.of_member. No query."""
        if membership.role != Role.MEMBER:
            return False
        if self.team_id:
            return self.team_id in membership.team_ids
        return self.part_id in {None, membership.part_id}

    def is_open_to(self, membership: Membership) -> bool:
        """Return whether they may submit it: what is for them, and any part's if they are in no part."""
        if membership.role == Role.MEMBER and self.part_id and membership.part_id is None:
            return True
        return self.is_for(membership)

    @property
    def repository(self) -> str:
        """The name of its GitHub repository, "owner/name"; "" without one."""
        return self.github_repository.name if self.github_repository else ""

    @property
    def accepts(self) -> list[str]:
        """The kinds that it accepts, as values of SubmissionKind."""
        return [kind.value for kind in SubmissionKind if getattr(self, f"accepts_{kind.value}")]

    @property
    def accepts_work(self) -> bool:
        """Whether it accepts anything that is sent to Seodang itself."""
        return self.accepts_file or self.accepts_text or self.accepts_link

    def get_accepts_display(self) -> str:
        """Return the kinds in words."""
        return ", ".join(str(SubmissionKind(kind).label) for kind in self.accepts)

    @property
    def other_repositories(self) -> list[str]:
        """The names of the others from which its pull requests come. A query."""
        return sorted(repository.name for repository in self.extra_repositories.all())

    @property
    def all_repositories(self) -> list[Repository]:
        """Every repository from which its pull requests come. A query."""
        first = [self.github_repository] if self.github_repository else []
        return [*first, *self.extra_repositories.all()]


class Criterion(models.Model):
    """One thing that is looked at, with its levels."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mission", "position"], name="criterion_position_once")
        ]

    def __str__(self) -> str:
        return self.title


class Level(models.Model):
    """How well a criterion is met, and the points for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="levels")
    points = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["criterion", "points"], name="level_points_once")]

    def __str__(self) -> str:
        return f"{self.points} {self.label}"


class PartDeadline(models.Model):
    """A deadline of one part, for a mission of all parts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="part_deadlines")
    part = models.ForeignKey(Part, on_delete=models.CASCADE)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mission", "part"], name="one_deadline_per_mission_and_part")
        ]
        indexes = [models.Index(fields=["due_at"], name="part_deadlines_due")]

    def __str__(self) -> str:
        return str(self.due_at)


class ExtensionQuerySet(models.QuerySet["Extension"]):
    def active(self) -> ExtensionQuerySet:
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def newest_first(self) -> ExtensionQuerySet:
        return self.order_by("-granted_at", "-id")


class Extension(models.Model):
    """More time for one person on one mission, with the reason. The newest that is not withdrawn counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="extensions")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="extensions")
    hours = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200)
    granted_by = models.UUIDField()
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(hours__gte=1), name="extension_of_an_hour_or_more")]
        indexes = [models.Index(fields=["mission", "membership"], name="extension_of_member")]

    def __str__(self) -> str:
        return f"+{self.hours} h"


class ExtensionRequestQuerySet(models.QuerySet["ExtensionRequest"]):
    def open(self) -> ExtensionRequestQuerySet:
        """Those that are neither decided nor withdrawn."""
        return self.filter(is_open=1)

    def of_live_members(self) -> ExtensionRequestQuerySet:
        """Those of accounts that are in the cohort: of who left, nothing is to be decided."""
        live = Membership.objects.live().filter(
            cohort=OuterRef("cohort"), account_id=OuterRef("account_id"), role=Role.MEMBER
        )
        return self.filter(Exists(live))


class ExtensionRequest(models.Model):
    """A member asks for more time on a mission, with the reason; operators grant or decline it.

    Withdrawing keeps the row, so that a decision about it is refused, and erases the reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="extension_requests")
    # The mission's, for the list of the cohort. A constraint would lock the cohort at its end, after rows
    # that others lock after the cohort.
    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="extension_requests", db_constraint=False
    )
    # An account, so that the request stays that of a member who rejoins.
    account_id = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=500)
    # NULL: operators decide how much.
    asked_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    granted = models.BooleanField(null=True)
    # The deadline that it was granted, of which the member was notified; NULL otherwise.
    granted_until = models.DateTimeField(null=True)
    # What the operators answered; "" without one.
    answer = models.CharField(max_length=200, blank=True, db_default="")
    # 1 while it is open, NULL after: MySQL has no partial unique index, but a unique index allows repeated
    # NULLs.
    is_open = models.GeneratedField(
        expression=Case(When(decided_at=None, withdrawn_at=None, then=Value(1))),
        output_field=models.PositiveSmallIntegerField(null=True),
        db_persist=True,
    )

    objects = ExtensionRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "account_id", "is_open"], name="one_open_request_per_mission_and_member"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, granted=None)
                | Q(
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    granted__isnull=False,
                    withdrawn_at=None,
                ),
                name="extension_request_decided_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "is_open", "created_at"], name="extension_requests_open"),
            models.Index(fields=["cohort", "decided_at"], name="extension_requests_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.mission_id} {self.account_id}"
