from __future__ import annotations

from django.apps import AppConfig


class LookConfig(AppConfig):
    """Templates, tags, stylesheet and script of all pages."""

    name = "look"
