from __future__ import annotations

from django.apps import AppConfig


class DocsConfig(AppConfig):
    """The API reference page."""

    name = "users.docs"
