"""The GitHub App of this installation of Seodang, where it is installed on GitHub, and its check runs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chassis.retry import DueQuerySet
from study.github.models import PullRequest


class GitHubApp(models.Model):
    """The GitHub App of the installation: one row. Its secrets are encrypted with FIELD_KEY."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    app_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    # GitHub's page of the App.
    html_url = models.URLField(max_length=300)
    client_id = models.CharField(max_length=64)
    client_secret = models.TextField()
    private_key = models.TextField()
    # The webhook's; "" if the App has none. The previous one is valid until it expires. If it has no time to
    # expire, it is the next one instead, which GitHub may have already.
    secret = models.TextField(blank=True)
    previous_secret = models.TextField(blank=True)
    previous_secret_expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    # When the OAuth client was created or changed, and when users confirmed the one of that time.
    client_changed_at = models.DateTimeField()
    client_sent_at = models.DateTimeField(null=True)
    # Since when GitHub refuses the private key: the App was deleted, or the key was.
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_github_app")]

    def __str__(self) -> str:
        return self.name

    @property
    def has_webhook(self) -> bool:
        """Return whether GitHub delivers events to it."""
        return bool(self.secret)

    @property
    def has_next_secret(self) -> bool:
        """Return whether GitHub may have another webhook secret than `secret`."""
        return bool(self.previous_secret) and self.previous_secret_expires_at is None

    @property
    def installations_url(self) -> str:
        """Return GitHub's page that installs the App."""
        return f"{self.html_url}/installations/new"


class InstallationQuerySet(models.QuerySet["Installation"]):
    def active(self) -> InstallationQuerySet:
        """Return installations through which GitHub answers."""
        return self.filter(deleted_at=None, suspended_at=None)

    def of_account(self, login: str) -> InstallationQuerySet:
        """Return the active installations in an account or organization, newest first."""
        return self.active().filter(account_login=login.lower()).order_by("-id")

    def reading(self, repository: str) -> InstallationQuerySet:
        """Return active installations that may read the repository "owner/name", newest first."""
        name = repository.lower()
        return self.reading_as(name.partition("/")[0], name)

    def reading_as(self, account_login: str, name: str) -> InstallationQuerySet:
        """Return the same for the repository of an account, both in lower case."""
        is_granted = Q(account_login=account_login, has_all_repositories=True)
        return self.active().filter(is_granted | Q(repositories__name=name)).order_by("-id")


class Installation(models.Model):
    """The App in an account or organization on GitHub."""

    # GitHub's.
    id = models.BigIntegerField(primary_key=True)
    # Lower case, as the owner in a repository's name.
    account_login = models.CharField(max_length=39, db_index=True)
    has_all_repositories = models.BooleanField()
    # GitHub's page of it, where its owner grants permissions; "" if it is not known yet.
    html_url = models.URLField(max_length=300, blank=True, default="", db_default="")
    # Whether it may create repositories: a permission that the App asks for only when that is needed. NULL if
    # it is not known yet.
    can_create_repositories = models.BooleanField(null=True)
    # GitHub's time of the newest event: an older delivery changes nothing.
    github_updated_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True)
    # When it was removed, by the event or the poll that showed it.
    deleted_at = models.DateTimeField(null=True)
    # The last poll of its repositories.
    polled_at = models.DateTimeField(null=True)

    objects = InstallationQuerySet.as_manager()

    def __str__(self) -> str:
        return self.account_login

    @property
    def is_active(self) -> bool:
        """Return whether GitHub answers through it."""
        return self.deleted_at is None and self.suspended_at is None


class InstallationRepository(models.Model):
    """A repository that an installation may read; operators choose among them."""

    id = models.BigAutoField(primary_key=True)
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="repositories")
    github_id = models.BigIntegerField()
    # "owner/name", lower case.
    name = models.CharField(max_length=140, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "github_id"], name="repository_once_per_installation"
            )
        ]

    def __str__(self) -> str:
        return self.name


class CheckRunError(models.TextChoices):
    """Why GitHub does not show a check run."""

    REFUSED = "refused", _("GitHub refuses it: the App needs the permission “Checks: read and write”.")
    NOT_FOUND = "not_found", _("GitHub does not find the repository or the commit.")
    UNAVAILABLE = "unavailable", _("GitHub did not answer for hours.")


class CheckRunQuerySet(DueQuerySet["CheckRun"]):
    """Check runs that are due."""


class CheckRun(models.Model):
    """What the head commit of a member's pull request shows on GitHub. The rows are the queue."""

    id = models.BigAutoField(primary_key=True)
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="+")
    head_sha = models.CharField(max_length=64)
    # GitHub's; NULL until it was created.
    github_id = models.BigIntegerField(null=True)
    # The content that GitHub has; NULL until it was created, {} if it is not known.
    sent = models.JSONField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Whether it was requested again since the last attempt began.
    is_outdated = models.BooleanField(default=False)
    # NULL while GitHub has what is to be shown, and after an error.
    next_attempt_at = models.DateTimeField(null=True)
    # Of the last attempt, with GitHub's own words; "" if it succeeded.
    error = models.CharField(max_length=11, blank=True, choices=CheckRunError)
    error_message = models.CharField(max_length=200, blank=True)

    objects = CheckRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pull_request", "head_sha"], name="check_run_once_per_head"),
            models.CheckConstraint(
                condition=Q(github_id=None, sent__isnull=True)
                | Q(github_id__isnull=False, sent__isnull=False),
                name="check_run_sent_if_created",
            ),
        ]
        indexes = [models.Index(fields=["next_attempt_at", "id"], name="check_runs_due")]

    def __str__(self) -> str:
        return self.head_sha[:7]


class CheckRunRequest(models.Model):
    """Check runs that a task is to make due, after what they show has changed.

    Without foreign keys: their shared locks could wait for a delivery that waits for this transaction.
    """

    id = models.BigAutoField(primary_key=True)
    cohort_id = models.UUIDField()
    # NULL: of the whole cohort.
    mission_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return str(self.mission_id or self.cohort_id)
