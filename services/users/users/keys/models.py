"""The keys that sign tokens."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    def published(self, at: datetime) -> SigningKeyQuerySet:
        """In the list: those that sign, those that will, and those whose tokens may still live."""
        return self.filter(Q(retires_at=None) | Q(retires_at__gt=at))

    def signing(self, at: datetime) -> SigningKeyQuerySet:
        """May sign now; the first is the one that does."""
        return self.published(at).filter(signs_from__lte=at).order_by("-signs_from", "-made_at", "id")


class SigningKey(models.Model):
    """An Ed25519 pair. The private half is sealed, so that a copy of the database signs nothing."""

    id = models.CharField(primary_key=True, max_length=43)  # the key's thumbprint (RFC 7638)
    public = models.JSONField()
    private_encrypted = models.TextField()
    made_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    # Set when a successor is made.
    retires_at = models.DateTimeField(null=True)

    objects = SigningKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.id
