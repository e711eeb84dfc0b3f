"""What is counted so that nobody can guess on."""

from __future__ import annotations

from django.db import models


class AttemptCounter(models.Model):
    """How often something was tried under one key since a window opened."""

    key = models.CharField(primary_key=True, max_length=64)  # a digest: neither address nor e-mail is kept
    count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class CacheEntry(models.Model):
    """The table of Django's cache, where allauth counts how often its forms are sent."""

    cache_key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key
