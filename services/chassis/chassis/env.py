"""Settings from the environment; a service with a wrong one refuses to start.

Every name may also be given as NAME_FILE, the path of a file that holds the value,
which is how secrets arrive in containers.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_REQUIRED = object()


class Misconfigured(SystemExit):
    """A setting is missing or wrong. Its text says which and what to do; the process ends."""


def text(name: str, default: str | object = _REQUIRED) -> str:
    """The text of NAME, or of the file that NAME_FILE names. Misconfigured if absent without a default."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Misconfigured(f"{name}_FILE: cannot read {path}: {error.strerror}.") from None
    if name in os.environ:
        return os.environ[name]
    if isinstance(default, str):
        return default
    raise Misconfigured(
        f"{name} is not set. Give {name}, or {name}_FILE with the path of a file that holds it."
    )


def number(name: str, default: float) -> float:
    """A number. Misconfigured if NAME is set to something else."""
    value = text(name, str(default))
    try:
        return float(value)
    except ValueError:
        raise Misconfigured(f"{name} must be a number, not {value!r}.") from None


def flag(name: str, *, default: bool = False) -> bool:
    """True or false; only the words true, false, 1 and 0 are understood."""
    value = text(name, str(default)).lower()
    if value in {"true", "1"}:
        return True
    if value in {"false", "0"}:
        return False
    raise Misconfigured(f"{name} must be true or false, not {value!r}.")


def listing(name: str, default: str = "") -> list[str]:
    """Comma-separated values, blanks dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def secret(name: str, default: str | object = _REQUIRED, *, shortest: int = 32) -> str:
    """A secret of at least `shortest` characters that is no example value, unless DEMO is on."""
    value = text(name, default)
    # Values that stand in examples; with one of them a service starts nowhere but in the demo.
    weak = len(value) < shortest or value.lower() in {
        "",
        "change-me",
        "changeme",
        "secret",
        "insecure",
        "password",
    }
    if weak and value != default and not flag("DEMO"):
        raise Misconfigured(f"{name} is too weak: give at least {shortest} random characters.")
    return value


def database() -> dict[str, Any]:
    """Django's settings of the one database: MySQL by DATABASE_HOST, or SQLite by DATABASE_PATH."""
    if "DATABASE_HOST" in os.environ or "DATABASE_HOST_FILE" in os.environ:
        return {
            "ENGINE": "django.db.backends.mysql",
            "HOST": text("DATABASE_HOST"),
            "PORT": text("DATABASE_PORT", "3306"),
            "NAME": text("DATABASE_NAME"),
            "USER": text("DATABASE_USER"),
            "PASSWORD": text("DATABASE_PASSWORD"),
            "CONN_MAX_AGE": 300,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "charset": "utf8mb4",
                "isolation_level": "read committed",
                "connect_timeout": 5,
                "init_command": "SET innodb_lock_wait_timeout=10",
            },
            # Names differ by case and accent (a mail address is one account, not two).
            "TEST": {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_0900_bin"},
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": text("DATABASE_PATH"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            # A writer waits for its turn at BEGIN instead of failing half-way.
            "transaction_mode": "IMMEDIATE",
            # FULL: what was committed survives a power cut, also in WAL mode.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
        },
    }
