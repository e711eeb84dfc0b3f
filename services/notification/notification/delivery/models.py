"""What is still to be carried to people outside their inbox, what arrived, and what never will."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q

from notification.inbox.models import Notification
from notification.mirrors.models import AccountMirror


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, at: datetime) -> DeliveryQuerySet:
        """Not ended, and their next try has come; a claim moves that to when it lapses."""
        return self.filter(due_at__lte=at)

    def with_notification(self) -> DeliveryQuerySet:
        """With what it carries, and the names in it. One statement more."""
        return self.prefetch_related(
            models.Prefetch("notification", queryset=Notification.objects.with_names())
        )

    def failed(self) -> DeliveryQuerySet:
        """Given up."""
        return self.filter(failed_at__isnull=False)

    def with_recipient(self) -> DeliveryQuerySet:
        """With the name and the address of the person, as far as we have heard."""
        whose = models.OuterRef("notification__account_id")
        address = AccountMirror.objects.filter(account_id=whose).values("email")[:1]
        return self.annotate(
            recipient_name=AccountMirror.objects.name_of(whose), recipient_email=models.Subquery(address)
        )


class Delivery(models.Model):
    """One notification on its way over one channel. `due_at` is empty once it is over, in whichever way."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=16)
    due_at = models.DateTimeField(null=True, db_index=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    # Why it was not sent although nothing failed: muted, read, left.
    skipped = models.CharField(max_length=16, blank=True)
    error = models.CharField(max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="one_delivery_per_channel"),
            models.CheckConstraint(
                condition=Q(due_at__isnull=False, sent_at=None, failed_at=None, skipped="")
                | Q(due_at=None, sent_at__isnull=False, failed_at=None, skipped="")
                | Q(due_at=None, sent_at=None, failed_at__isnull=False, skipped="")
                | Q(due_at=None, sent_at=None, failed_at=None) & ~Q(skipped=""),
                name="delivery_is_open_or_ended_in_one_way",
            ),
        ]
        indexes = [models.Index(fields=["failed_at", "id"], name="failures_newest_first")]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


@dataclass(frozen=True)
class Outbound:
    """A delivery that is due, and its recipient: None before an address has arrived.

    `choice` is what the recipient prefers for this kind and channel; None if they never chose.
    """

    delivery: Delivery
    recipient: AccountMirror | None
    choice: bool | None
    has_left: bool
