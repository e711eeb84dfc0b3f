from __future__ import annotations

from django.apps import AppConfig


class ClosingConfig(AppConfig):
    """A person leaves."""

    name = "users.closing"
