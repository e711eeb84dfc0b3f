from __future__ import annotations

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    """How often something may be tried."""

    name = "users.limits"
