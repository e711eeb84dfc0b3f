from __future__ import annotations

from django.apps import AppConfig


class SigninConfig(AppConfig):
    """How people come in, stay in and leave."""

    name = "users.signin"
