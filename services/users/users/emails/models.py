"""A letter that is on its way. Once sent, nothing of it stays."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models


class OutboundEmailQuerySet(models.QuerySet["OutboundEmail"]):
    def due(self, at: datetime) -> OutboundEmailQuerySet:
        """Nobody has them in hand, and their next try has come."""
        return self.filter(due_at__lte=at)


class OutboundEmail(models.Model):
    """The body is sealed: it may hold a link that opens an account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    text_encrypted = models.TextField()
    html_encrypted = models.TextField()
    created_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_index=True)

    objects = OutboundEmailQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.id)
