"""Pending personal data exports."""

from __future__ import annotations

from datetime import datetime

from django.db import models


class ExportQuerySet(models.QuerySet["Export"]):
    def due(self, at: datetime) -> ExportQuerySet:
        """Filter exports whose next attempt is due."""
        return self.filter(due_at__lte=at)


class Export(models.Model):
    """A part of a personal data export to send to users. `due_at` is NULL once it was sent or given up."""

    export_id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField(db_index=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    objects = ExportQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.export_id)
