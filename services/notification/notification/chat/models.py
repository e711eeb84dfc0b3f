"""Webhooks of chats, and what is sent to them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from chassis.retry import DueQuerySet
from notification.delivery.models import OutboundMessage


class Platform(models.TextChoices):
    DISCORD = "discord", "Discord"
    SLACK = "slack", "Slack"


class ChatWebhook(models.Model):
    """A channel of a chat that gets the messages of a cohort, or of one of its parts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort_id = models.UUIDField()
    # Null: of every part. What concerns one part alone is not sent to the others.
    part_id = models.UUIDField(null=True)
    platform = models.CharField(max_length=8, choices=Platform.choices)
    # Encrypted with FIELD_KEY: who knows the URL can write there.
    url_encrypted = models.TextField()
    url_digest = models.CharField(max_length=64)
    name = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    # Nothing is sent before: the chat asked to wait.
    held_until = models.DateTimeField(null=True)
    # Since when the chat says that the webhook no longer exists.
    gone_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort_id", "url_digest"], name="one_chat_webhook_per_url")
        ]

    def __str__(self) -> str:
        return self.name


class ChatMessageQuerySet(DueQuerySet["ChatMessage"]):
    def sendable(self, at: datetime) -> ChatMessageQuerySet:
        """Filter due messages of webhooks that are not held, with their webhook."""
        is_free = Q(webhook__held_until=None) | Q(webhook__held_until__lte=at)
        return self.due(at).filter(is_free).select_related("webhook")


class ChatMessage(OutboundMessage):
    """One message to one webhook."""

    webhook = models.ForeignKey(ChatWebhook, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=32)
    # Identifies what happened; unique per webhook.
    key = models.CharField(max_length=120)
    context = models.JSONField(default=dict)
    # A path of this site.
    url = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_index=True)

    objects = ChatMessageQuerySet.as_manager()

    class Meta(OutboundMessage.Meta):
        abstract = False
        constraints = [
            *OutboundMessage.Meta.constraints,
            models.UniqueConstraint(fields=["webhook", "key"], name="one_chat_message_per_webhook_and_key"),
        ]

    def __str__(self) -> str:
        return self.key
