from __future__ import annotations

from django.apps import AppConfig


class OwnersConfig(AppConfig):
    """Whoever runs the installation."""

    name = "users.owners"
