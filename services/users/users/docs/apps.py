from __future__ import annotations

from django.apps import AppConfig


class DocsConfig(AppConfig):
    """What programs can do here, on one page."""

    name = "users.docs"
