from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

EXACT_COLLATION = "utf8mb4_0900_bin"


class AccountsConfig(AppConfig):
    """Accounts, their roles and their audit log."""

    name = "users.accounts"


@register(Tags.database)
def exact_collation(**_: Any) -> list[CheckMessage]:
    """Check that MySQL compares addresses exactly: two that differ by an accent are different accounts."""
    if connection.vendor != "mysql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@collation_database")
        (collation,) = cursor.fetchone()
    if collation == EXACT_COLLATION:
        return []
    return [
        Error(
            f"The database has collation {collation}: á is a, so one person could be another.",
            hint=f"ALTER DATABASE … CHARACTER SET utf8mb4 COLLATE {EXACT_COLLATION}; then migrate",
            id="users.E001",
        )
    ]
