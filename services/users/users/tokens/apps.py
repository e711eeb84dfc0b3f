from __future__ import annotations

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """Access tokens that people make for their own programs."""

    name = "users.tokens"
