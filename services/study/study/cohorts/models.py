"""Cohorts, their parts, teams and weeks, memberships, and the audit log."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror


class Cohort(models.Model):
    """One semester of a club. `version` increases with every change that other services mirror."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=80)
    # Days and deadlines are computed in this zone; pages show them in the reader's.
    time_zone = models.CharField(max_length=64, default="Asia/Seoul")
    version = models.PositiveBigIntegerField(default=1)
    # Whether new submissions get a reviewer by themselves. In cohorts of the release before operators assign,
    # until they turn it on.
    assigns_reviewers = models.BooleanField(default=True, db_default=False)
    # Whether the head commits of submissions have a check run on GitHub, where the GitHub App is installed.
    has_check_runs = models.BooleanField(default=True, db_default=True)
    # Whether those who use a shared invitation link wait until an operator approves (docs/adr/0059).
    joins_by_approval = models.BooleanField(default=False, db_default=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    # When an operator hid the list of what is left to set up.
    checklist_hidden_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title


class Part(models.Model):
    """A track of the cohort, such as backend."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="parts")
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "name"], name="part_name_once_per_cohort")]

    def __str__(self) -> str:
        return self.name


class TeamKind(models.TextChoices):
    """A member is in at most one team of each kind."""

    STUDY = "study", _("Study")
    PROJECT = "project", _("Project")


class Team(models.Model):
    """A group of members who study or build something together, possibly across parts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=40)
    kind = models.CharField(
        max_length=7, choices=TeamKind, default=TeamKind.PROJECT, db_default=TeamKind.PROJECT
    )
    # The account that reviews its members' submissions; one that reviews here no more is not asked.
    mentor_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "name"], name="team_name_once_per_cohort")]

    def __str__(self) -> str:
        return self.name


class Week(models.Model):
    """A numbered week: seven days from `starts_on`, in the cohort's time zone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="weeks")
    number = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    topic = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "number"], name="week_number_once_per_cohort"),
            models.CheckConstraint(condition=Q(number__gte=1), name="week_number_from_one"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Role(models.TextChoices):
    OPERATOR = "operator", _("Organizer")
    MENTOR = "mentor", _("Mentor")
    MEMBER = "member", _("Member")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def live(self) -> MembershipQuerySet:
        """Filter memberships that have not ended."""
        return self.filter(left_at=None)

    def reviewers(self) -> MembershipQuerySet:
        """Filter live memberships that may review: mentors and operators."""
        return self.live().filter(role__in=[Role.MENTOR, Role.OPERATOR])

    def with_open_account(self) -> MembershipQuerySet:
        """Filter memberships whose account is not closed according to the account mirror."""
        closed = AccountMirror.objects.filter(account_id=OuterRef("account_id"), closed=True)
        return self.filter(~Exists(closed))

    def with_github_account(self, github_id: int) -> MembershipQuerySet:
        """Filter memberships that have this GitHub account: pinned to them, or linked in users."""
        linked = AccountMirror.objects.filter(github_id=github_id).values("account_id")
        return self.filter(Q(github_id=github_id) | Q(account_id__in=linked))

    def with_github_login(self, login: str) -> MembershipQuerySet:
        """Filter memberships whose GitHub account is known only by this login, set by an operator.

        In lower case.
        """
        linked = AccountMirror.objects.filter(github_id__isnull=False).values("account_id")
        return self.filter(github_id=None, github_login=login).exclude(account_id__in=linked)

    def with_any_github_login(self, logins: Iterable[str]) -> MembershipQuerySet:
        """Filter memberships with one of these logins, in lower case: linked in users, pinned or set here."""
        wanted = list(logins)
        accounts = AccountMirror.objects.annotate(login=Lower("github_login")).filter(login__in=wanted)
        return self.filter(Q(github_login__in=wanted) | Q(account_id__in=accounts.values("account_id")))


class Membership(models.Model):
    """An account's membership in a cohort. Leaving sets `left_at`; rejoining creates a new row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="memberships")
    # Owned by the users service: stored without a foreign key.
    account_id = models.UUIDField(db_index=True)
    role = models.CharField(max_length=8, choices=Role)
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True, related_name="memberships")
    # The project team: the only kind there was in the release before.
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="memberships")
    study_team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, related_name="study_memberships"
    )
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    version = models.PositiveBigIntegerField(default=1)
    # GitHub's immutable id, once known: linked account, or pinned at the first match.
    github_id = models.BigIntegerField(null=True)
    # Set by an operator: matches once, then `github_id` is pinned. Lower case.
    github_login = models.CharField(max_length=39, blank=True)
    # Claimed by the member; not used for matching until an operator confirms it. Lower case.
    github_claim = models.CharField(max_length=39, blank=True)
    # 1 while the membership is live, NULL after it ended: MySQL has no partial unique
    # index, but a unique index allows repeated NULLs.
    live = models.GeneratedField(
        expression=Case(When(left_at=None, then=Value(1))),
        output_field=models.PositiveSmallIntegerField(null=True),
        db_persist=True,
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "account_id", "live"], name="one_live_membership_per_account_and_cohort"
            ),
            models.UniqueConstraint(fields=["cohort", "github_id", "live"], name="github_id_once_per_cohort"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("joined_at")),
                name="membership_left_after_joined",
            ),
        ]
        indexes = [models.Index(fields=["cohort", "role", "live"], name="membership_by_role")]

    def __str__(self) -> str:
        return f"{self.role} {self.account_id}"

    @property
    def team_ids(self) -> list[uuid.UUID]:
        """Return the ids of the member's teams."""
        return [team_id for team_id in (self.study_team_id, self.team_id) if team_id]


class AuditKind(models.TextChoices):
    """What an entry of the audit log is about."""

    # The owner of the installation made the subject an operator.
    OPERATOR_APPOINTED = "operator_appointed", _("Organizer appointed")
    # The subject reviews here no more; what waited for them went to others.
    REVIEWS_REASSIGNED = "reviews_reassigned", _("Reviews reassigned")
    # A change of one field, `before` and `after`. "" before: there was none; "" after: there is none now.
    ROLE = "role", _("Role")
    PART = "part", _("Part")
    TEAM = "team", _("Team")
    GITHUB = "github", _("GitHub account")
    INVITATION = "invitation", _("Invitation")
    # A request to join that was declined; an approved one is the change of the role.
    JOIN_REQUEST = "join_request", _("Request to join")
    MISSION = "mission", _("Mission")
    DEADLINE = "deadline", _("Deadline")
    EXTENSION = "extension", _("Extension")
    RUBRIC = "rubric", _("Rubric")
    SCORE = "score", _("Score")
    WEBHOOK = "webhook", _("Webhook")
    # A pattern of personal repositories, or whose a personal repository is.
    REPOSITORY = "repository", _("Personal repository")
    # That a note about the subject was written, edited or deleted, and nothing of what it says.
    NOTE = "note", _("Note of an organizer")


class AuditEntry(models.Model):
    """An entry of a cohort's audit log: who changed what, when, from what to what (docs/adr/0053).

    Written by audit.actions.record_change in the transaction of the change, and never updated, except that
    erasing a closed account removes its GitHub login. Deleted after two years.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # A constraint would lock the cohort at its end, after rows that others lock after the cohort.
    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="audit_entries", db_constraint=False
    )
    kind = models.CharField(max_length=24, choices=AuditKind)
    # Account ids. Without an actor it happened by itself, such as by a delivery of GitHub; the actor of
    # reassigned reviews is the subject. Without a subject it is about nobody.
    actor_id = models.UUIDField(null=True, db_index=True)
    subject_id = models.UUIDField(null=True, db_index=True)
    # Which field of the thing; "" for the thing itself.
    field = models.CharField(max_length=24, blank=True, db_default="")
    # The title of the mission, as it was.
    about = models.CharField(max_length=200, blank=True, db_default="")
    # As audit.rules.audit_value writes it. Both "": the values are not kept.
    before = models.CharField(max_length=200, blank=True, db_default="")
    after = models.CharField(max_length=200, blank=True, db_default="")
    # How many submissions, of reassigned reviews.
    count = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["cohort", "-at", "-id"], name="audit_of_cohort"),
            models.Index(fields=["cohort", "kind", "-at", "-id"], name="audit_of_kind"),
            models.Index(fields=["at"], name="audit_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
