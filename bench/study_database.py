"""A database of its own for the study service, and the database server's work for it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from kill.databases import collation, is_mysql, run_sql

# The database's work for the statements of one database, by MySQL's own count.
_COUNTED = """
SELECT SUM(SUM_CPU_TIME) / 1e6, SUM(SUM_ROWS_EXAMINED), SUM(COUNT_STAR)
FROM performance_schema.events_statements_summary_by_digest WHERE SCHEMA_NAME = '{name}'
"""


@dataclass
class Work:
    """What the database did, by its own count: CPU time in microseconds."""

    cpu_us: float
    rows_examined: int
    statements: int

    def __sub__(self, other: Work) -> Work:
        return Work(
            self.cpu_us - other.cpu_us,
            self.rows_examined - other.rows_examined,
            self.statements - other.statements,
        )


@dataclass
class Database:
    """A database of its own."""

    settings: dict[str, str]

    @property
    def version(self) -> str:
        """Return the name and version."""
        if not is_mysql():
            return f"SQLite {sqlite3.sqlite_version}"
        ((version,),) = run_sql("SELECT VERSION()")
        return f"MySQL {version}"

    def work(self) -> Work | None:
        """Return the work since it was created, None where it is not counted."""
        if not is_mysql():
            return None
        ((cpu_us, rows_examined, statements),) = run_sql(_COUNTED.format(name=self.settings["DATABASE_NAME"]))
        return Work(float(cpu_us or 0), int(rows_examined or 0), int(statements or 0))


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """Create an empty database, and drop it afterwards."""
    if not is_mysql():
        yield Database({"DATABASE_PATH": str(folder / "study.sqlite3")})
        return
    name = f"bench_{uuid4().hex[:12]}"
    # To encrypt each statement would be compared, too, and not every driver can.
    given = {key: value for key, value in os.environ.items() if key.startswith("DATABASE_")}
    settings = {**given, "DATABASE_NAME": name, "DATABASE_SSL_MODE": "disabled"}
    with _counted_cpu():
        run_sql(f"CREATE DATABASE {name} {collation()}")
        try:
            yield Database(settings)
        finally:
            run_sql(f"DROP DATABASE {name}")


@contextmanager
def _counted_cpu() -> Iterator[None]:
    """Have MySQL count the CPU time of statements, which it does not by default."""
    # Before 8.0.28, and in MariaDB, there is no such consumer.
    consumer = "performance_schema.setup_consumers"
    is_off = run_sql(f"SELECT 1 FROM {consumer} WHERE NAME = 'events_statements_cpu' AND ENABLED = 'NO'")  # noqa: S608
    if is_off:
        run_sql(f"UPDATE {consumer} SET ENABLED = 'YES' WHERE NAME = 'events_statements_cpu'")  # noqa: S608
    # Once the table is full, MySQL counts new statements under no database's name.
    run_sql("TRUNCATE performance_schema.events_statements_summary_by_digest")
    try:
        yield
    finally:
        if is_off:
            run_sql(f"UPDATE {consumer} SET ENABLED = 'NO' WHERE NAME = 'events_statements_cpu'")  # noqa: S608
