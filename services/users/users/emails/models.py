"""Outbound email. Rows are deleted once sent."""

from __future__ import annotations

import uuid

from django.db import models

from chassis.retry import DueQuerySet


class OutboundEmail(models.Model):
    """An email to be sent. The body is encrypted: it may contain a link that gives access to an account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    text_encrypted = models.TextField()
    html_encrypted = models.TextField()
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_index=True)

    objects = DueQuerySet["OutboundEmail"].as_manager()

    def __str__(self) -> str:
        return str(self.id)
