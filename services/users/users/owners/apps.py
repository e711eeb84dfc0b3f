from __future__ import annotations

from django.apps import AppConfig


class OwnersConfig(AppConfig):
    """Owners of the installation: set-up, accounts and health."""

    name = "users.owners"
