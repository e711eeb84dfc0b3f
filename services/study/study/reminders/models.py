"""Reminders that were sent. A row is the key that keeps a reminder from being sent twice."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models

from study.cohorts.rules import day_in
from study.missions.models import Mission


class ReminderKind(models.TextChoices):
    """Why a member is reminded of a mission."""

    OPENED = "opened"
    # Their deadline is another one than the last that they were notified of.
    MOVED = "moved"
    # The deadline is near: Reminder.window.
    DUE = "due"
    # By an operator.
    ASKED = "asked"
    # Nothing was sent: the deadline that the member could see when the mission was new to them.
    KNOWN = "known"


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def asked_accounts(self, mission: Mission, *, at: datetime) -> set[UUID]:
        """Return whom an operator has reminded of the mission on the day of `at` in the cohort's zone."""
        asked = self.filter(mission=mission, kind=ReminderKind.ASKED, window=day_of(mission, at))
        return set(asked.values_list("account_id", flat=True))


def day_of(mission: Mission, at: datetime) -> str:
    """Return the day in the zone of the mission's cohort: the window of a reminder by an operator."""
    return day_in(mission.cohort.time_zone, at).isoformat()


class Reminder(models.Model):
    """A reminder of one member about one mission, and the deadline that bound them then.

    The newest row of a member says which deadline they know.
    """

    id = models.BigAutoField(primary_key=True)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="reminders")
    # An account, so that a member who rejoins is not reminded again.
    account_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=6, choices=ReminderKind)
    # Of DUE: a key of rules.WINDOWS. Of ASKED: the day in the cohort's zone. Otherwise "", or "2" and so on
    # for another one of the same deadline.
    window = models.CharField(max_length=10, blank=True)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "account_id", "kind", "window", "due_at"], name="reminder_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.window} {self.account_id}"


class ReviewDigest(models.Model):
    """A reviewer was notified of what waited for them at 09:00 of a day in their zone."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.UUIDField()
    day = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "day"], name="review_digest_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.account_id}"
