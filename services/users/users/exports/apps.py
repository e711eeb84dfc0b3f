from __future__ import annotations

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Personal data export."""

    name = "users.exports"
