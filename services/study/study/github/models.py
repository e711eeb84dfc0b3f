"""A cohort's GitHub webhook: its secrets and what it delivered."""

from __future__ import annotations

import uuid

from django.db import models

from study.cohorts.models import Cohort
from study.submissions.models import Outcome


class Hook(models.Model):
    """One per cohort; its id is the last part of the address that GitHub posts to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.OneToOneField(Cohort, on_delete=models.CASCADE, related_name="hook")
    # Encrypted with FIELD_KEY. While rotating, the old one is valid until `previous_until`.
    secret = models.TextField()
    previous_secret = models.TextField(blank=True)
    previous_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_ping_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)


class HookDelivery(models.Model):
    """A processed delivery by GitHub's id, with its outcome."""

    id = models.BigAutoField(primary_key=True)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries")
    delivery_id = models.CharField(max_length=64)
    event = models.CharField(max_length=64)
    action = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=32, choices=Outcome)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hook", "delivery_id"], name="delivery_applied_once")]
        indexes = [models.Index(fields=["hook", "received_at"], name="deliveries_of_hook")]

    def __str__(self) -> str:
        return f"{self.event} {self.outcome}"
