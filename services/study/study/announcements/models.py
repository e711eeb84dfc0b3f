"""Announcements to a cohort or one of its parts."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import OuterRef, Q

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Cohort, Part


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def with_author(self) -> AnnouncementQuerySet:
        """Join the part and annotate `author_name`."""
        return self.select_related("part").annotate(
            author_name=AccountMirror.objects.name_of(OuterRef("author_id"))
        )

    def for_part(self, part_id: uuid.UUID | None) -> AnnouncementQuerySet:
        """Filter announcements for everyone and for this part."""
        return self.filter(Q(part=None) | Q(part_id=part_id)) if part_id else self.filter(part=None)


class Announcement(models.Model):
    """An announcement to the cohort, or to one part if set. Withdrawn, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="announcements")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True)
    title = models.CharField(max_length=120)
    # Markdown; sanitised when rendered.
    body = models.TextField()
    author_id = models.UUIDField()
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["cohort", "published_at"], name="announcements_of_cohort")]

    def __str__(self) -> str:
        return self.title
