"""Exports that the users service requested from this one."""

from __future__ import annotations

from django.db import models

from chassis.retry import DueQuerySet


class Export(models.Model):
    """This service's section of an export. `next_attempt_at` is NULL once it was sent or given up."""

    export_id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField(db_index=True)
    next_attempt_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    objects = DueQuerySet["Export"].as_manager()

    def __str__(self) -> str:
        return str(self.export_id)
