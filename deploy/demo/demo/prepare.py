"""Make one service ready to serve: python -m demo.prepare users."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

import django
from django.core.management import call_command

from demo.folders import Folders
from demo.stamps import stamp


def prepare(service: str, folders: Folders) -> None:
    """Migrate, collect the static files and fill an empty database, with one start of Django."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    if find_spec("seed"):
        import_module("seed").fill(service)
    stamp(service, folders)


if __name__ == "__main__":
    prepare(sys.argv[1], Folders.of_this_run())
