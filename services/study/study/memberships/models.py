"""Invitations to a cohort."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Value, When

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Cohort, Part, Role


class InvitationState(models.TextChoices):
    """Whether an invitation can be used, and if not, why."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    OVER = "over"
    USED_UP = "used_up"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def with_names(self) -> InvitationQuerySet:
        """Join cohort and part; annotate who is `invited` and who made it (`made_by`), by name."""
        return self.select_related("cohort", "part").annotate(
            invited=AccountMirror.objects.name_of(OuterRef("for_account_id")),
            made_by=AccountMirror.objects.name_of(OuterRef("created_by")),
        )

    def with_state(self, at: datetime) -> InvitationQuerySet:
        """Annotate the `state` at `at`; withdrawn precedes over, over precedes used up."""
        annotations: dict[str, Case] = {
            "state": Case(
                When(withdrawn_at__isnull=False, then=Value(InvitationState.WITHDRAWN)),
                When(expires_at__lte=at, then=Value(InvitationState.OVER)),
                When(uses__gte=F("max_uses"), then=Value(InvitationState.USED_UP)),
                default=Value(InvitationState.OPEN),
            )
        }
        return self.annotate(**annotations)


class Invitation(models.Model):
    """An invitation link with a role and part. Joining counts as a use; opening the link does not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="invitations")
    # Random secret of the link, at least 128 bits; stored in clear because operators see it.
    token = models.CharField(max_length=43, unique=True)
    role = models.CharField(max_length=8, choices=Role)
    part = models.ForeignKey(Part, on_delete=models.CASCADE, null=True)
    expires_at = models.DateTimeField()
    max_uses = models.PositiveIntegerField()
    uses = models.PositiveIntegerField(default=0)
    # Set for an invitation to one account; then only that account may use it.
    for_account_id = models.UUIDField(null=True)
    created_by = models.UUIDField()
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    # Only there on what `with_state` has read.
    state: str

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(uses__lte=F("max_uses")), name="invitation_uses_within_max"),
            models.CheckConstraint(condition=Q(max_uses__gte=1), name="invitation_max_uses_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.uses}/{self.max_uses}"

    @property
    def path(self) -> str:
        """Return the link's path on this installation."""
        return f"/join/{self.token}/"

    @property
    def is_personal(self) -> bool:
        """Return True if only one account may use it."""
        return self.for_account_id is not None

    @property
    def asks_for_part(self) -> bool:
        """Return True if members choose a part when they join; mentors and operators may have none."""
        return self.role == Role.MEMBER and self.part_id is None
