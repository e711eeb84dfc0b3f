"""Signing keys."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    def published(self, at: datetime) -> SigningKeyQuerySet:
        """Return the keys in the JWKS: current, future, and those whose tokens may still be valid."""
        return self.filter(Q(retires_at=None) | Q(retires_at__gt=at))

    def signing(self, at: datetime) -> SigningKeyQuerySet:
        """Return the keys that may sign now; the first one is used."""
        return self.published(at).filter(signs_from__lte=at).order_by("-signs_from", "-made_at", "id")


class SigningKey(models.Model):
    """An Ed25519 key pair. The private key is encrypted: a database dump cannot sign tokens."""

    id = models.CharField(primary_key=True, max_length=43)  # the key's thumbprint (RFC 7638)
    public = models.JSONField()
    private_encrypted = models.TextField()
    made_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    # When it leaves the JWKS. Set when a successor is created.
    retires_at = models.DateTimeField(null=True)

    objects = SigningKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.id
