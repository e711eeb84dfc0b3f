"""The databases of a run: on MySQL if DATABASE_HOST is set, else SQLite files."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from chassis import env


@contextmanager
def databases(folder: Path, services: Sequence[str]) -> Iterator[dict[str, dict[str, str]]]:
    """Create empty databases; yield their settings by service; drop them afterwards."""
    if not is_mysql():
        yield {service: {"DATABASE_PATH": str(folder / f"{service}.sqlite3")} for service in services}
        return
    # Named like test databases, for which the user has permissions.
    names = {service: f"test_{env.string('DATABASE_NAME', 'seodang')}_kill_{service}" for service in services}
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


def run_in(settings: Mapping[str, str], statement: str) -> Sequence[Any]:
    """Run an SQL statement in the database of a service's settings; commit it, and return its rows."""
    if is_mysql():
        return run_sql(statement, database=settings["DATABASE_NAME"])
    with closing(sqlite3.connect(settings["DATABASE_PATH"], timeout=30, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def run_sql(*statements: str, database: str = "") -> tuple[Any, ...]:
    """Run SQL statements on MySQL, each committed; return the rows of the last."""
    import MySQLdb

    connection = MySQLdb.connect(
        host=env.string("DATABASE_HOST"),
        port=int(env.string("DATABASE_PORT", "3306")),
        user=env.string("DATABASE_USER"),
        password=env.string("DATABASE_PASSWORD"),
        database=database,
        autocommit=True,
    )
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            rows: tuple[Any, ...] = cursor.fetchall()
    finally:
        connection.close()
    return rows
