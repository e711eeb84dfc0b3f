"""Write a package's missing migrations, or check its models and migrations: `migrations.py check study`."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import execute_from_command_line
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField
from django.db.models import NOT_PROVIDED
from django_migration_linter import MigrationLinter

from project import ROOT, environment

CHASSIS_APPS = ["account_mirror", "events", "idempotency", "jobs", "personal_data"]


def labels(package: str) -> list[str]:
    """Return the app labels of a package."""
    folder = ROOT / "services" / package / package
    return (
        CHASSIS_APPS if package == "chassis" else sorted(p.parent.name for p in folder.glob("*/migrations"))
    )


def check(package: str) -> None:
    """Exit with 1 if Django's checks fail, a migration is missing, or one is unsafe during an upgrade."""
    execute_from_command_line(["django", "check", "--fail-level", "WARNING"])
    execute_from_command_line(["django", "makemigrations", "--check", "--dry-run", *labels(package)])
    linter = MigrationLinter(
        str(ROOT / "services" / package),
        include_apps=labels(package),
        ignore_initial_migrations=True,
        no_cache=True,
        quiet=["ok", "ignore"],
        analyser_string="mysql" if "DATABASE_HOST" in os.environ else None,
        # SQLite makes a table anew for most changes, which looks like new columns; _required_columns
        # looks for those.
        exclude_migration_tests=[] if "DATABASE_HOST" in os.environ else ["NOT_NULL"],
    )
    linter.lint_all_migrations()
    required = _required_columns(package)
    for column in required:
        print(f"{column}: give it db_default, for the release before inserts without it.")
    sys.exit(int(bool(linter.has_errors or required)))


def _required_columns(package: str) -> list[str]:
    """Return the added columns for which an INSERT of the release before has no value."""
    loader = MigrationLoader(None)
    return [
        f"{label} {name}: {operation.model_name}.{operation.name}"
        for (label, name), migration in sorted(loader.disk_migrations.items())
        if label in labels(package)
        for operation in migration.operations
        if isinstance(operation, AddField)
        and not operation.field.many_to_many
        and not (
            operation.field.null
            or operation.field.generated
            or operation.field.db_default is not NOT_PROVIDED
        )
    ]


if __name__ == "__main__":
    command, package = sys.argv[1:]
    os.environ.update(environment(package))
    sys.path.insert(0, str(ROOT / "services" / package))
    django.setup()
    if command == "check":
        check(package)
    execute_from_command_line(["django", "makemigrations", *labels(package)])
