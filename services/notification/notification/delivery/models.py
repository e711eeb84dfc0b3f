"""Deliveries of notifications over channels outside the inbox: pending, sent, skipped, failed.

And email to people who have no account.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from chassis.account_mirror.models import AccountMirror
from chassis.retry import DueQuerySet
from notification.inbox.models import Notification
from notification.mirrors.models import ContactMirror


class DeliveryQuerySet(DueQuerySet["Delivery"]):
    def with_notification(self) -> DeliveryQuerySet:
        """Prefetch the notification with its names. One query more."""
        return self.prefetch_related(
            models.Prefetch("notification", queryset=Notification.objects.with_names())
        )

    def failed(self) -> DeliveryQuerySet:
        """Return failed deliveries."""
        return self.filter(failed_at__isnull=False)

    def with_recipient(self) -> DeliveryQuerySet:
        """Annotate the recipient's `name` and `address`; None if unknown."""
        account_id = models.OuterRef("notification__account_id")
        address = ContactMirror.objects.filter(account_id=account_id).values("email")[:1]
        return self.annotate(name=AccountMirror.objects.name_of(account_id), address=models.Subquery(address))


class OutboundMessage(models.Model):
    """A message that is sent until it is sent, skipped or failed: `next_attempt_at` is null then."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    next_attempt_at = models.DateTimeField(null=True, db_index=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    # The reason why it was skipped: muted, read, expired, submitted, left, quiet, late, gone,
    # no_device, no_key.
    skipped = models.CharField(max_length=16, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(next_attempt_at__isnull=False, sent_at=None, failed_at=None, skipped="")
                | Q(next_attempt_at=None, sent_at__isnull=False, failed_at=None, skipped="")
                | Q(next_attempt_at=None, sent_at=None, failed_at__isnull=False, skipped="")
                | Q(next_attempt_at=None, sent_at=None, failed_at=None) & ~Q(skipped=""),
                name="%(class)s_is_pending_or_has_one_outcome",
            ),
        ]


class Delivery(OutboundMessage):
    """One notification over one channel."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=16)
    # The ids of the browsers that an attempt reached before it failed at another; null if there are none.
    reached = models.JSONField(null=True)

    # Set by queries.due. The address is "" if it is not known yet; without a preference, the default applies.
    recipient: AccountMirror
    email: str
    preference: bool | None
    has_left: bool
    has_submitted: bool
    # None: in the reader's quiet hours, and of no use at their end.
    time_to_send: datetime | None

    objects = DeliveryQuerySet.as_manager()

    class Meta(OutboundMessage.Meta):
        abstract = False
        constraints = [
            *OutboundMessage.Meta.constraints,
            models.UniqueConstraint(fields=["notification", "channel"], name="one_delivery_per_channel"),
        ]
        indexes = [models.Index(fields=["failed_at", "id"], name="failures_newest_first")]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class InvitationEmailQuerySet(DueQuerySet["InvitationEmail"]):
    """Invitations to be mailed."""


class InvitationEmail(models.Model):
    """An invitation to be mailed to a person of a sheet. Row and address are deleted once it is sent.

    Without a preference or unsubscribing: it is asked for by an operator, once or again by hand.
    """

    # Given by study.
    id = models.UUIDField(primary_key=True, editable=False)
    to = models.EmailField(max_length=254)
    name = models.CharField(max_length=100)
    cohort_title = models.CharField(max_length=200)
    invited_by = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=16)
    # A path of the installation.
    link = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    language = models.CharField(max_length=8)
    time_zone = models.CharField(max_length=64)
    next_attempt_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveIntegerField(default=0)

    objects = InvitationEmailQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.id)
