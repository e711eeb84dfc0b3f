from __future__ import annotations

from django.apps import AppConfig


class RateLimitConfig(AppConfig):
    """Rate limits for attempts."""

    name = "users.ratelimit"
