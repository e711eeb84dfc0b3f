"""Creating personal repositories from a template."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chassis.retry import DueQuerySet
from study.cohorts.models import Cohort, Membership
from study.github.models import Repository


class TemplateRun(models.Model):
    """The creation of a repository from a template for each member. Starting it again adds new members."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="template_runs")
    # Its owner is the repositories' owner.
    pattern = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="+")
    # "owner/name", lower case.
    template = models.CharField(max_length=140)
    # A repository is called by this and the member's GitHub login.
    prefix = models.CharField(max_length=60, blank=True)
    is_private = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pattern", "template", "prefix"], name="template_run_once_per_pattern"
            )
        ]
        indexes = [models.Index(fields=["cohort", "-created_at"], name="template_runs_of_cohort")]

    def __str__(self) -> str:
        return self.template

    @property
    def owner(self) -> str:
        return self.pattern.name.partition("/")[0]


class CreationState(models.TextChoices):
    WAITING = "waiting", _("Not yet created")
    CREATED = "created", _("Created, not yet invited")
    DONE = "done", _("Created, member invited")
    FAILED = "failed", _("Failed")


class RepositoryCreationQuerySet(DueQuerySet["RepositoryCreation"]):
    """Creations that are due."""


class RepositoryCreation(models.Model):
    """One member's repository in a run."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(TemplateRun, on_delete=models.CASCADE, related_name="creations")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    # The member's GitHub login, and "owner/name" of the repository, as of the last start. Lower case.
    login = models.CharField(max_length=39)
    name = models.CharField(max_length=140)
    # Once GitHub has created it.
    repository = models.ForeignKey(Repository, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=7, choices=CreationState, default=CreationState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # NULL once it is done or has failed.
    next_attempt_at = models.DateTimeField(null=True)
    # Why it failed, and GitHub's own words.
    error_code = models.CharField(max_length=32, blank=True)
    error_message = models.CharField(max_length=200, blank=True)

    objects = RepositoryCreationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "member"], name="creation_once_per_member_and_run"),
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"], next_attempt_at=None)
                | Q(state__in=["waiting", "created"], next_attempt_at__isnull=False),
                name="creation_due_until_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(state="failed") ^ Q(error_code=""), name="creation_error_if_failed"
            ),
        ]
        indexes = [models.Index(fields=["next_attempt_at", "id"], name="creations_due")]

    def __str__(self) -> str:
        return self.name
