from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

EXACT_COLLATION = "utf8mb4_0900_bin"


class AccountsConfig(AppConfig):
    """Accounts, their roles and their audit log."""

    name = "users.accounts"

    def ready(self) -> None:
        register(Tags.database)(exact_collation)


def exact_collation(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check that MySQL compares addresses exactly: two that differ by an accent are different accounts."""
    found: list[CheckMessage] = []
    # None where a command or a worker does not check the database: none of them may need MySQL to start.
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "mysql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@collation_database")
            (collation,) = cursor.fetchone()
        if collation != EXACT_COLLATION:
            found.append(
                Error(
                    f"The database has collation {collation}: á is a, so one person could be another.",
                    hint=f"ALTER DATABASE … CHARACTER SET utf8mb4 COLLATE {EXACT_COLLATION}; then migrate",
                    id="users.E001",
                )
            )
    return found
