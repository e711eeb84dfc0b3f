from __future__ import annotations

from django.apps import AppConfig


class EmailsConfig(AppConfig):
    """Mail about one's account. It is a row until it is sent, so a mail server may be away for a day."""

    name = "users.emails"
