"""Cohorts begun from a former one."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chassis.retry import DueQuerySet
from study.cohorts.models import Cohort, Membership


class CopyState(models.TextChoices):
    WAITING = "waiting", _("In progress")
    DONE = "done", _("Created")
    FAILED = "failed", _("Failed")


class CohortCopyQuerySet(DueQuerySet["CohortCopy"]):
    """Copies that are due."""


class CohortCopy(models.Model):
    """A cohort to be created from a former one. The row is the queue; the cohort appears whole or not at all.

    The row stays: from where it was created, by whom, and whom it invited.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="copies")
    title = models.CharField(max_length=80)
    # By how many weeks every date moves.
    weeks_later = models.SmallIntegerField()
    # Names of GitHub repositories by the names that they replace; the others stay.
    repositories = models.JSONField(default=dict)
    # Memberships of the source whose accounts are invited, with the same role and part.
    people = models.ManyToManyField(Membership, related_name="+")
    # An account: it becomes the operator.
    requested_by = models.UUIDField()
    requested_at = models.DateTimeField()
    # Once it is done.
    cohort = models.OneToOneField(Cohort, on_delete=models.CASCADE, null=True, related_name="copied_from")
    attempts = models.PositiveSmallIntegerField(default=0)
    # NULL once it is done or has failed.
    next_attempt_at = models.DateTimeField(null=True)

    objects = CohortCopyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cohort=None) | Q(next_attempt_at=None), name="copy_due_until_it_ends"
            )
        ]
        indexes = [models.Index(fields=["next_attempt_at", "id"], name="copies_due")]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> CopyState:
        """Return how far it is."""
        if self.cohort_id:
            return CopyState.DONE
        return CopyState.WAITING if self.next_attempt_at else CopyState.FAILED
