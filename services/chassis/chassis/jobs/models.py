"""The records of periodic jobs."""

from __future__ import annotations

from django.db import models


class JobRecord(models.Model):
    """One periodic job: when it last started, when it last ended, and how. The scheduler makes the row."""

    name = models.CharField(max_length=100, primary_key=True)
    registered_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    # Of the last run that ended; empty if it succeeded.
    error = models.TextField()
