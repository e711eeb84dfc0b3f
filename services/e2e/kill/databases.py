"""The databases of a run: on MySQL if DATABASE_HOST is set, else SQLite files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chassis import env

SERVICES = ("study", "notification")


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, dict[str, str]]]:
    """Create empty databases; yield their settings by service; drop them afterwards."""
    if not is_mysql():
        yield {service: {"DATABASE_PATH": str(folder / f"{service}.sqlite3")} for service in SERVICES}
        return
    # Named like test databases, for which the user has permissions.
    names = {service: f"test_{env.string('DATABASE_NAME', 'seodang')}_kill_{service}" for service in SERVICES}
    given = {name: value for name, value in os.environ.items() if name.startswith("DATABASE_")}
    try:
        for name in names.values():
            run_sql(f"DROP DATABASE IF EXISTS `{name}`", f"CREATE DATABASE `{name}` {collation()}")
        yield {service: {**given, "DATABASE_NAME": name} for service, name in names.items()}
    finally:
        run_sql(*(f"DROP DATABASE IF EXISTS `{name}`" for name in names.values()))


def is_mysql() -> bool:
    """Return True if MySQL is configured."""
    return "DATABASE_HOST" in os.environ or "DATABASE_HOST_FILE" in os.environ


def collation() -> str:
    """Return the collation of the services' settings, or MariaDB's equivalent."""
    ((version,),) = run_sql("SELECT VERSION()")
    name = "utf8mb4_bin" if "MariaDB" in version else "utf8mb4_0900_bin"
    return f"CHARACTER SET utf8mb4 COLLATE {name}"


def run_sql(*statements: str) -> tuple[Any, ...]:
    """Run SQL statements without a database; return the rows of the last."""
    import MySQLdb

    connection = MySQLdb.connect(
        host=env.string("DATABASE_HOST"),
        port=int(env.string("DATABASE_PORT", "3306")),
        user=env.string("DATABASE_USER"),
        password=env.string("DATABASE_PASSWORD"),
    )
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            rows: tuple[Any, ...] = cursor.fetchall()
    finally:
        connection.close()
    return rows
