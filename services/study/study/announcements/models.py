"""What operators tell a cohort or one of its parts."""

from __future__ import annotations

import uuid

from django.db import models

from study.cohorts.models import Cohort, Part


class Announcement(models.Model):
    """Published once to everyone in the cohort, or in one part; withdrawn, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="announcements")
    part = models.ForeignKey(Part, on_delete=models.CASCADE, null=True)
    title = models.CharField(max_length=120)
    # Markdown; sanitised when shown.
    body = models.TextField()
    author_id = models.UUIDField()
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["cohort", "published_at"], name="announcements_of_cohort")]

    def __str__(self) -> str:
        return self.title
