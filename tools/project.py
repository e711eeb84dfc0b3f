"""The services, their environment for commands, and the tracked files."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("users", "study", "notification")
# Placeholder settings for commands that serve no requests.
_ENVIRONMENT = {
    "PUBLIC_URL": "http://localhost:8000",
    "SECRET_KEY": "only-for-commands-that-serve-nobody-0123456789",
    "FIELD_KEY": "b25seS1mb3ItY29tbWFuZHMtdGhhdC1zZXJ2ZS1uby4=",
    "SERVICE_SECRET": "only-for-commands-that-serve-nobody-0123456789",
    "SERVICE_SECRETS": "study:only-for-commands-that-serve-nobody-0123456789,"
    "notification:no-less-for-commands-that-serve-nobody-0123456789",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "USERS_URL": "http://127.0.0.1:1",
    "STUDY_URL": "http://127.0.0.1:1",
    "SMTP_URL": "smtp://127.0.0.1:1",
}


def environment(package: str) -> dict[str, str]:
    """Return the environment for a service's command, with an empty SQLite file unless MySQL is set."""
    found = {"DATABASE_PATH": str(Path(tempfile.gettempdir()) / f"seodang-{package}-{os.getpid()}.sqlite3")}
    if "DATABASE_HOST" in os.environ:
        found = {"DATABASE_NAME": f"{os.environ.get('DATABASE_NAME', 'seodang')}_{package}"}
    module = "tests.settings" if package in {"chassis", "look"} else f"{package}.settings"
    path = os.pathsep.join([str(ROOT / "services" / package), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, **_ENVIRONMENT, **found, "DJANGO_SETTINGS_MODULE": module, "PYTHONPATH": path}


def command(package: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Django command of a service; its output is in `stdout`."""
    return subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        cwd=ROOT / "services" / package,
        env=environment(package),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def tracked(*patterns: str) -> list[Path]:
    """Return the files that git tracks or would add, in the working tree."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    names = subprocess.run([*command, *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in names.split("\0") if name]
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())
