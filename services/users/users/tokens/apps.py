from __future__ import annotations

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """Personal access tokens."""

    name = "users.tokens"
