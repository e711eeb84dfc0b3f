from __future__ import annotations

from django.apps import AppConfig


class RateLimitConfig(AppConfig):
    """How often something may be tried."""

    name = "users.ratelimit"
