from __future__ import annotations

from django.apps import AppConfig


class ProfileConfig(AppConfig):
    """The profile page."""

    name = "users.profile"
