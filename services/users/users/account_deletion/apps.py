from __future__ import annotations

from django.apps import AppConfig


class AccountDeletionConfig(AppConfig):
    """A person leaves."""

    name = "users.account_deletion"
