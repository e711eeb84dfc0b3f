from __future__ import annotations

import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from chassis import pulse


class Command(BaseCommand):
    """Apply what migrations are missing once the database answers; with --wait, wait until all are."""

    help = "Apply what migrations are missing, one process at a time, or wait until another one has."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", type=float, metavar="SECONDS", help="apply nothing; wait this long")

    def handle(self, *args: Any, wait: float | None, **options: Any) -> None:
        deadline = time.monotonic() + (wait or 600)
        while not self.may_go_on(migrated=wait is not None):
            pulse.show()
            if time.monotonic() > deadline:
                raise CommandError(
                    "The database does not answer, or lacks migrations: see what migrate says."
                )
            time.sleep(1)
        if wait is None:
            if connection.vendor == "mysql":
                # MySQL commits every statement of a migration by itself: two at once would each apply half.
                connection.cursor().execute("DO GET_LOCK(CONCAT(DATABASE(), '.migrate'), 600)")
            call_command("migrate", interactive=False)

    def may_go_on(self, *, migrated: bool) -> bool:
        try:
            executor = MigrationExecutor(connection)
            return not migrated or not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except OperationalError:
            connection.close()
            return False
