from __future__ import annotations

from django.apps import AppConfig


class AccountDeletionConfig(AppConfig):
    """Closing an account and erasing its data."""

    name = "users.account_deletion"
