from __future__ import annotations

from django.apps import AppConfig


class SigninConfig(AppConfig):
    """Sign-in, sign-up, sessions and passwords."""

    name = "users.signin"
