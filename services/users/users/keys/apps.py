from __future__ import annotations

from django.apps import AppConfig


class KeysConfig(AppConfig):
    """Signing keys of the tokens that every service trusts."""

    name = "users.keys"
