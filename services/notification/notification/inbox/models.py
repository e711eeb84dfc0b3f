"""Notifications in the inboxes."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from uuid import UUID

from django.db import models

from chassis.account_mirror.models import AccountMirror
from notification.mirrors.models import CohortMirror


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread(self) -> NotificationQuerySet:
        """Return unread notifications."""
        return self.filter(read_at=None)

    def submitted_after(self, reminders: Collection[Notification]) -> set[UUID]:
        """Return the ids of those reminders whose recipient has submitted the mission since. One query."""
        if not reminders:
            return set()
        accounts, since = {row.account_id for row in reminders}, min(row.occurred_at for row in reminders)
        own = self.filter(kind="submission_received", about_id__in=accounts, account_id=models.F("about_id"))
        rows = own.filter(occurred_at__gte=since).order_by("occurred_at")
        # Releases before 0.3 named no mission.
        submitted_at = {
            (row.account_id, mission_id): row.occurred_at
            for row in rows
            if (mission_id := row.context.get("mission_id"))
        }
        return {
            row.id
            for row in reminders
            if (at := submitted_at.get((row.account_id, row.context.get("mission_id"))))
            and at >= row.occurred_at
        }

    def with_names(self) -> NotificationQuerySet:
        """Annotate the current `about_name` and `cohort_title` from the mirrors."""
        return self.annotate(
            about_name=AccountMirror.objects.name_of(models.OuterRef("about_id")),
            cohort_title=CohortMirror.objects.title_of(models.OuterRef("cohort_id")),
        )


class Notification(models.Model):
    """A notification of an account. Stores a context, not a text, to be rendered in the reader's language."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Ids of the users and study services, without foreign keys.
    account_id = models.UUIDField()
    about_id = models.UUIDField(null=True, db_index=True)
    cohort_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=32)
    # Identifies what happened; unique per account.
    key = models.CharField(max_length=120)
    context = models.JSONField(default=dict)
    url = models.CharField(max_length=200)
    occurred_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "key"], name="one_notification_per_account_and_key"
            ),
        ]
        indexes = [
            models.Index(fields=["account_id", "-occurred_at", "-id"], name="inbox_newest_first"),
            models.Index(fields=["account_id", "read_at"], name="inbox_unread"),
        ]

    def __str__(self) -> str:
        return self.key
