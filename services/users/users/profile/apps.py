from __future__ import annotations

from django.apps import AppConfig


class ProfileConfig(AppConfig):
    """Who one is, on one page."""

    name = "users.profile"
