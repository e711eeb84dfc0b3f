"""The key that signs push messages, and the browsers that receive them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class VapidKey(models.Model):
    """The key pair of the installation (RFC 8292): one row, created when the first browser subscribes."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    # A JWK, encrypted with FIELD_KEY.
    private_key_encrypted = models.TextField()
    # An uncompressed point in URL-safe base64, as browsers take it.
    public_key = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_vapid_key")]

    def __str__(self) -> str:
        return self.public_key


class PushSubscription(models.Model):
    """A browser that receives the account's push messages."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField(db_index=True)
    # JSON of endpoint and keys, encrypted with FIELD_KEY: who knows them can send messages.
    subscription_encrypted = models.TextField()
    # SHA-256 of the endpoint: a browser has one subscription, of the account that subscribed last.
    endpoint_digest = models.CharField(max_length=64)
    # The push service, such as fcm.googleapis.com.
    host = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    # Nothing is sent before: the push service asked to wait.
    held_until = models.DateTimeField(null=True)
    # How many attempts failed since the last message that was sent, and why.
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint_digest"], name="one_push_subscription_per_browser")
        ]

    def __str__(self) -> str:
        return self.host
