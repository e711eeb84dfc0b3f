"""Migrations: `make migrations` writes missing ones; `check` finds missing and dangerous ones."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import django
from django_migration_linter import MigrationLinter

from project import ROOT, SERVICES, command, environment

PACKAGES = ("chassis", *SERVICES)
CHASSIS_APPS = {"chassis": ["events", "jobs", "idempotency"]}


def write(packages: list[str]) -> int:
    """Write the missing migrations of these services."""
    codes = []
    for package in packages:
        done = command(package, "makemigrations", *labels(package))
        print(f"{package}: {done.stdout.strip()}")
        codes.append(done.returncode)
    return max(codes)


def labels(package: str) -> list[str]:
    """Return the app labels of a package."""
    folder = ROOT / "services" / package / package
    return CHASSIS_APPS.get(package) or sorted(path.parent.name for path in folder.glob("*/migrations"))


def faults(package: str) -> list[str]:
    """Return what Django's checks report about a service's models and migrations."""
    found = []
    for arguments in (
        ("check", "--fail-level", "WARNING"),
        ("makemigrations", "--check", "--dry-run", *labels(package)),
    ):
        done = command(package, *arguments)
        if done.returncode != 0:
            found.append(f"{package}: {arguments[0]}\n{done.stdout.strip()}")
    return found


def lint(package: str) -> int:
    """Lint a service's migrations, in a process with its settings."""
    os.environ.update(environment(package))
    sys.path.insert(0, str(ROOT / "services" / package))
    django.setup()
    linter = MigrationLinter(
        str(ROOT / "services" / package),
        include_apps=labels(package),
        ignore_initial_migrations=True,
        no_cache=True,
        quiet=["ok", "ignore"],
        analyser_string="mysql" if "DATABASE_HOST" in os.environ else None,
    )
    linter.lint_all_migrations()
    return int(bool(linter.has_errors))


def check() -> int:
    """Check every service: Django's system checks and missing migrations."""
    with ThreadPoolExecutor(2) as pool:
        found = [fault for faults_ in pool.map(faults, PACKAGES) for fault in faults_]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"]:
            sys.exit(check())
        case ["lint", package]:
            sys.exit(lint(package))
        case names:
            sys.exit(write(names or list(PACKAGES)))
