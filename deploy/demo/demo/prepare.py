"""Prepare one service: python -m demo.prepare users."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

from chassis.management.commands.migrate_with_lock import is_outdated
from demo.fingerprints import save_fingerprint
from demo.folders import Folders


def prepare(service: str, folders: Folders) -> None:
    """Migrate, collect the static files and fill an empty database."""
    django.setup()
    if is_outdated():
        # The file that was looked at, whatever the folder is.
        set_aside(Path(connection.settings_dict["NAME"]))
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    if find_spec("seed"):
        import_module("seed").fill(service)
    save_fingerprint(service, folders)


def set_aside(database: Path) -> None:
    """Rename a database that is not migrated, so that a new one is made and filled."""
    connection.close()
    for file in database.parent.glob(f"{database.name}*"):
        file.rename(file.with_name(f"before-0.2-{file.name}"))
    print(f"{database.name} is of an older version; it is kept as before-0.2-{database.name}.")


if __name__ == "__main__":
    prepare(sys.argv[1], Folders.from_environment())
