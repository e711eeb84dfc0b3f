"""Counters of rate limits."""

from __future__ import annotations

from django.db import models


class AttemptCounter(models.Model):
    """Attempts under one key in the current window."""

    # A digest: neither IP nor email address is stored.
    key = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class CacheEntry(models.Model):
    """The table of Django's database cache, used by allauth's rate limits. See CACHES."""

    cache_key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key
