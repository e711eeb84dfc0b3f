from __future__ import annotations

from django.apps import AppConfig


class KeysConfig(AppConfig):
    """What signs the tokens that every service trusts."""

    name = "users.keys"
