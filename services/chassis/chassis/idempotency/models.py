"""The answers to requests that carried an idempotency key."""

from __future__ import annotations

from django.db import models


class IdempotencyRecord(models.Model):
    """One request that took effect, and its answer. Written in the transaction of that effect."""

    # SHA-256 of the account, the path and the key, and for a page's form of what was sent as well.
    digest = models.CharField(max_length=64, primary_key=True)
    # SHA-256 of what was sent: an API call that repeats a key must repeat it.
    payload_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.TextField(blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    # Encrypted, because the answer may hold a secret that is shown only once.
    body_encrypted = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest
