"""Imports of sheets of people. The rows are the queue of the invitations to send."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from study.cohorts.models import Cohort, Part, Role, Team
from study.memberships.models import Invitation


class RosterImport(models.Model):
    """A sheet of people that an operator confirmed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="roster_imports")
    # The title of the column by field: the next sheet of the cohort is read in the same way.
    columns = models.JSONField()
    created_by = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cohort", "-created_at"], name="roster_imports_of_cohort")]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"


class RowState(models.TextChoices):
    """What an import did with a row."""

    WAITING = "waiting", _("Waiting")
    INVITED = "invited", _("Invited")
    ALREADY_INVITED = "already_invited", _("Invited before")
    ALREADY_MEMBER = "already_member", _("In the cohort already")
    # The key that its address was encrypted with is gone, or who confirmed the sheet is no operator any more.
    FAILED = "failed", _("Not invited: import the sheet again")


class RosterRow(models.Model):
    """A person of a sheet. The address is deleted once the row was processed."""

    id = models.BigAutoField(primary_key=True)
    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="rows")
    # In the sheet, from 1.
    line = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    email_encrypted = models.CharField(max_length=600, blank=True)
    role = models.CharField(max_length=8, choices=Role)
    part = models.ForeignKey(Part, on_delete=models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+")
    study_team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+")
    github_login = models.CharField(max_length=39, blank=True)
    state = models.CharField(max_length=16, choices=RowState, default=RowState.WAITING)
    invitation = models.ForeignKey(Invitation, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roster_import", "line"], name="roster_row_once_per_line"),
            models.CheckConstraint(
                condition=Q(state=RowState.WAITING) ^ Q(email_encrypted=""),
                name="roster_row_has_address_while_waiting",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="roster_rows_waiting")]

    def __str__(self) -> str:
        return f"{self.line} {self.state}"
