"""What users has asked us to do for a person as a whole."""

from __future__ import annotations

from datetime import datetime

from django.db import models


class ExportQuerySet(models.QuerySet["Export"]):
    def due(self, at: datetime) -> ExportQuerySet:
        """Neither answered nor given up, and their next try has come."""
        return self.filter(due_at__lte=at)


class Export(models.Model):
    """Users waits for our part of what a person wants to take away. `due_at` is empty once it is over."""

    export_id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField(db_index=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    objects = ExportQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.export_id)
