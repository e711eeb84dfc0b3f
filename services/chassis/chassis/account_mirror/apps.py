from __future__ import annotations

from django.apps import AppConfig


class AccountMirrorConfig(AppConfig):
    """Mirror of the accounts of users, for services that show or address their owners."""

    name = "chassis.account_mirror"
    label = "account_mirror"
