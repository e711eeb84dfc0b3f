from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

log = structlog.get_logger()

LOG_SECONDS = 10.0
RIGHTS = "Grant the user DATABASE_USER all rights on the database DATABASE_NAME."
SIGN_IN = "Correct DATABASE_USER and DATABASE_PASSWORD, or the user's password and state in MySQL."
TLS = "Correct DATABASE_SSL_MODE, _CA, _CERT and _KEY, or the server's certificate."
OUTDATED = (
    "This database was made by a version before 0.2.0, whose tables are not migrated. Make the installation"
    " anew, with empty databases: `make dev-reset` does it for development, `make demo` by itself."
)
# MySQL's error, and the seconds after which a statement is executed again.
LOCK_WAIT_TIMEOUT = 1205
LOCK_PAUSES = (0.5, 1, 2, 4, *[5] * 50)
# Errors of MySQL that waiting does not resolve, by number, and what to change.
ADVICE = {
    1044: RIGHTS,
    1045: SIGN_IN,
    1049: "Create the database, or correct DATABASE_NAME.",
    1130: "Let the user DATABASE_USER connect from this host.",
    1142: RIGHTS,
    1143: RIGHTS,
    1227: RIGHTS,
    1698: SIGN_IN,
    1862: SIGN_IN,
    2026: TLS,
    3118: SIGN_IN,
    3159: TLS,
}


class Command(BaseCommand):
    """Apply what migrations are missing once the database answers; with --wait, wait until all are."""

    help = "Apply what migrations are missing, one process at a time, or wait until another one has."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", type=float, metavar="SECONDS", help="apply nothing; wait this long")

    def handle(self, *args: Any, wait: float | None, **options: Any) -> None:
        deadline = time.monotonic() + (wait or 600)
        try:
            self.wait_for(database if wait is None else missing, deadline)
            if wait is None:
                if connection.vendor == "mysql":
                    # MySQL commits every statement of a migration: two processes would each apply half.
                    self.wait_for(lock, deadline)
                    with connection.cursor() as cursor:
                        # Seconds; requests wait behind it as long.
                        cursor.execute("SET lock_wait_timeout=3, innodb_lock_wait_timeout=3")
                if is_outdated():
                    raise CommandError(OUTDATED)
                with connection.execute_wrapper(retry_lock_waits):
                    call_command("migrate", interactive=False)
        except DatabaseError as error:
            if advice := advice_on(error):
                raise CommandError(f"The database refuses: {error}. {advice}") from None
            raise

    def wait_for(self, awaited: Callable[[], str], deadline: float) -> None:
        """Return once `awaited` returns nothing, and log what it returns. CommandError after the deadline."""
        logged_at = float("-inf")
        while what := awaited():
            now = time.monotonic()
            if now > deadline:
                raise CommandError(f"Gave up waiting for {what}.")
            if now - logged_at >= LOG_SECONDS:
                log.info("migrate_waits", awaited=what)
                logged_at = now
            time.sleep(1)


def is_outdated() -> bool:
    """Return True if the tables are those of a tree before 0.2.0, which no migration renames.

    The outbox shows it: its table was events_outgoing, later without the column next_attempt_at.
    """
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if "events_outgoing" in tables or "events_outboxevent" not in tables:
            return "events_outgoing" in tables
        columns = connection.introspection.get_table_description(cursor, "events_outboxevent")
    return "next_attempt_at" not in {column.name for column in columns}


def retry_lock_waits(
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    many: Any,
    context: dict[str, Any],
) -> Any:
    """Execute a statement of a migration again if it waited too long for a lock: an execute_wrapper.

    While ALTER TABLE waits for a transaction, all others on the table wait behind it, so it gives up soon and
    lets them go on. MySQL has then undone this statement and nothing else: the migration, which cannot be
    undone, must not end here. Each waits for the other if the transaction holds a row that a foreign key of
    the table refers to, which a copying ALTER TABLE locks.
    """
    for pause in LOCK_PAUSES:
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            if error.args[0] != LOCK_WAIT_TIMEOUT:
                raise
            log.info("migrate_waits", awaited="a transaction that uses the table", statement=sql[:80])
            time.sleep(pause)
    return execute(sql, params, many, context)


def answering(question: Callable[[], str]) -> Callable[[], str]:
    """Let the question return that the database does not answer. DatabaseError if it refuses."""

    @wraps(question)
    def ask() -> str:
        try:
            return question()
        except OperationalError as error:
            connection.close()
            if advice_on(error):
                raise
            return f"the database, which does not answer: {error}"

    return ask


@answering
def database() -> str:
    """Return nothing, or why the database does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


@answering
def lock() -> str:
    """Return nothing if this process may migrate now. The lock ends with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(CONCAT(DATABASE(), '.migrate'), 1)")
        return "" if cursor.fetchone()[0] else "another process, which is migrating this database"


@answering
def missing() -> str:
    """Return which migrations the database lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    names = ", ".join(str(migration) for migration, _ in plan[:3])
    return f"{len(plan)} migrations ({names}, …): see what migrate says" if plan else ""


def advice_on(error: DatabaseError) -> str | None:
    """Return what to change about an error that waiting does not change."""
    return ADVICE.get(error.args[0]) if error.args else None
