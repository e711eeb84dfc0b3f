"""Notification preferences."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from uuid import UUID

from django.db import models


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def chosen(self, account_ids: Iterable[UUID]) -> dict[tuple[UUID, str, str], bool]:
        """Return the stored preferences of these accounts: (account, kind, channel) → on."""
        rows = self.filter(account_id__in=account_ids)
        return {(row.account_id, row.kind, row.channel): row.on for row in rows}


class Preference(models.Model):
    """A stored preference. Without a row Kind.email_by_default applies."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField()
    kind = models.CharField(max_length=32)
    channel = models.CharField(max_length=16)
    on = models.BooleanField()

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "kind", "channel"], name="one_choice_per_kind_and_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel}"


class QuietHoursChoice(models.Model):
    """An account's own quiet hours; none if both are equal. Without a row settings.QUIET_HOURS apply."""

    account_id = models.UUIDField(primary_key=True)
    starts = models.TimeField()
    ends = models.TimeField()

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}-{self.ends:%H:%M}"
