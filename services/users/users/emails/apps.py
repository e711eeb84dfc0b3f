from __future__ import annotations

from django.apps import AppConfig


class EmailsConfig(AppConfig):
    """Account email. Stored until sent, so the mail server may be unavailable for hours."""

    name = "users.emails"
