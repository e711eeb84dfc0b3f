from __future__ import annotations

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """A person takes away all that is kept of them."""

    name = "users.exports"
