"""Export requests of the users service."""

from __future__ import annotations

from datetime import datetime

from django.db import models


class ExportQuerySet(models.QuerySet["Export"]):
    def due(self, at: datetime) -> ExportQuerySet:
        """Return unfinished exports whose next attempt is due."""
        return self.filter(due_at__lte=at)


class Export(models.Model):
    """A request for this service's part of an export. `due_at` is null once it is sent or failed."""

    export_id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField(db_index=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    objects = ExportQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.export_id)
