"""Settings from the environment; a service with a wrong one refuses to start.

Every name may also be given as NAME_FILE, the path of a file that holds the value,
which is how secrets arrive in containers.
"""

from __future__ import annotations

import os
import ssl
import sys
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_REQUIRED = object()
# MySQL's names but `verify_ca`: MariaDB's client library always verifies the host's name with the CA.
SSL_MODES = ("disabled", "preferred", "required", "verify_identity")


class ImproperlyConfigured(SystemExit):
    """A setting is missing or wrong. Its text says which and what to do; the process ends."""

    def __init__(self, string: str) -> None:
        super().__init__(string)
        sys.stderr.write(f"{string}\n")
        # With this status of a worker gunicorn ends; after any other it starts the next worker, for ever.
        self.code = 4


def string(name: str, default: str | object = _REQUIRED) -> str:
    """Return the text of NAME or of the file NAME_FILE. ImproperlyConfigured if absent without a default."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {path}: {error.strerror}.") from None
    if name in os.environ:
        return os.environ[name]
    if isinstance(default, str):
        return default
    raise ImproperlyConfigured(
        f"{name} is not set. Give {name}, or {name}_FILE with the path of a file that holds it."
    )


def number(name: str, default: float) -> float:
    """A number. ImproperlyConfigured if NAME is set to something else."""
    value = string(name, str(default))
    try:
        return float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from None


def port(name: str, default: int) -> int:
    """A TCP port. ImproperlyConfigured if NAME is set to something else."""
    return _port(name, string(name, str(default)))


def optional_port(name: str) -> int:
    """A TCP port, or 0 if NAME is absent or empty. ImproperlyConfigured if it is something else."""
    value = string(name, "")
    return _port(name, value) if value else 0


def address(name: str, default: str) -> str:
    """Where to listen: `host:port`. ImproperlyConfigured if the port is none."""
    value = string(name, default)
    _port(name, value.rpartition(":")[2])
    return value


def _port(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise ImproperlyConfigured(f"{name} must be a port from 1 to 65535, not {value!r}.")
    return int(value)


def url(name: str, default: str | object = _REQUIRED) -> str:
    """Return a URL. ImproperlyConfigured if its host or port is malformed; the message hides passwords."""
    value = string(name, default)
    try:
        urlsplit(value).port  # noqa: B018 - parsed, and checked, when it is read
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no URL: {error}.") from None
    return value


def tls_files(prefix: str) -> dict[str, str]:
    """Return the paths in PREFIX_CA, PREFIX_CERT and PREFIX_KEY that are set, by `ca`, `cert` and `key`.

    NAME_FILE is a path here, too. ImproperlyConfigured if a file holds no PEM certificates, or no key for
    them, or if only one of certificate and key is set.
    """
    names = {part: f"{prefix}_{part.upper()}" for part in ("ca", "cert", "key")}
    given = {part: os.environ.get(f"{name}_FILE") or os.environ.get(name, "") for part, name in names.items()}
    files = {part: path for part, path in given.items() if path}
    if ("cert" in files) != ("key" in files):
        raise ImproperlyConfigured(
            f"{names['cert']} and {names['key']} belong together: give both or neither."
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if "ca" in files:
            wrong = f"{names['ca']}: no certificates in {files['ca']}"
            context.load_verify_locations(files["ca"])
        if "cert" in files:
            wrong = f"{names['cert']}, {names['key']}: no certificate in {files['cert']} with its key"
            wrong += f" in {files['key']}"
            # Without an answer OpenSSL would ask the terminal for the passphrase of an encrypted key.
            context.load_cert_chain(files["cert"], files["key"], password="")
    except OSError as error:
        raise ImproperlyConfigured(f"{wrong}: {error.strerror or error}.") from None
    return files


def boolean(name: str, *, default: bool = False) -> bool:
    """True or false; only the words true, false, 1 and 0 are understood."""
    value = string(name, str(default)).lower()
    if value in {"true", "1"}:
        return True
    if value in {"false", "0"}:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def hours(name: str, default: str) -> tuple[time, time] | None:
    """Hours of a day, as 23:00-08:00; None if NAME is empty. ImproperlyConfigured if it is something else."""
    value = string(name, default)
    try:
        first, last = map(time.fromisoformat, value.split("-")) if value else (None, None)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must look like 23:00-08:00, not {value!r}.") from None
    return (first, last) if first and last else None


def list_of(name: str, default: str = "") -> list[str]:
    """Comma-separated values, blanks dropped."""
    return [part.strip() for part in string(name, default).split(",") if part.strip()]


def optional_list_of(name: str) -> list[str]:
    """As `list_of`; none if NAME is absent or NAME_FILE is no file: the Secret may not have it."""
    path = os.environ.get(f"{name}_FILE")
    return [] if path and not Path(path).exists() else list_of(name)


def secret(name: str, default: str | object = _REQUIRED, *, shortest: int = 32) -> str:
    """A secret of at least `shortest` characters that is no example value, unless DEMO is on."""
    value = string(name, default)
    # Values of examples: a service starts with them in the demo only.
    weak = len(value) < shortest or value.lower() in {
        "",
        "change-me",
        "changeme",
        "secret",
        "insecure",
        "password",
    }
    if weak and value != default and not boolean("DEMO"):
        raise ImproperlyConfigured(f"{name} is too weak: give at least {shortest} random characters.")
    return value


def database() -> dict[str, Any]:
    """Django's settings of the one database: MySQL by DATABASE_HOST, or SQLite by DATABASE_PATH."""
    if "DATABASE_HOST" in os.environ or "DATABASE_HOST_FILE" in os.environ:
        return {
            "ENGINE": "chassis.mysql",
            "HOST": string("DATABASE_HOST"),
            "PORT": str(port("DATABASE_PORT", 3306)),
            "NAME": string("DATABASE_NAME"),
            "USER": string("DATABASE_USER"),
            "PASSWORD": string("DATABASE_PASSWORD"),
            "CONN_MAX_AGE": 300,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "charset": "utf8mb4",
                "isolation_level": "read committed",
                "connect_timeout": 5,
                # Else a server that went without a word is waited for until TCP gives up.
                "read_timeout": int(number("DATABASE_TIMEOUT", 30)),
                "write_timeout": int(number("DATABASE_TIMEOUT", 30)),
                "init_command": "SET innodb_lock_wait_timeout=10",
                **_mysql_tls(),
            },
            # Names differ by case and accent (a mail address is one account, not two).
            "TEST": {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_0900_bin"},
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": string("DATABASE_PATH"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            # A writer waits for its turn at BEGIN instead of failing half-way.
            "transaction_mode": "IMMEDIATE",
            # FULL: what was committed survives a power cut, also in WAL mode.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
        },
    }


def _mysql_tls() -> dict[str, Any]:
    """Return the driver's TLS options. The mode is `preferred`, or `verify_identity` where a CA is given."""
    files = tls_files("DATABASE_SSL")
    mode = string("DATABASE_SSL_MODE", "verify_identity" if "ca" in files else "preferred")
    if mode not in SSL_MODES:
        raise ImproperlyConfigured(f"DATABASE_SSL_MODE must be one of {', '.join(SSL_MODES)}, not {mode!r}.")
    if "ca" in files and mode != "verify_identity":
        # The client library verifies the CA in these modes or does not, by its version.
        raise ImproperlyConfigured(f"DATABASE_SSL_CA is for DATABASE_SSL_MODE=verify_identity, not {mode}.")
    if mode == "disabled":
        return {"ssl_mode": "DISABLED"}
    # Without a TLS option MariaDB's client library takes PREFERRED for DISABLED. This is OpenSSL's default.
    return {"ssl_mode": mode.upper(), "ssl": {"cipher": "DEFAULT", **files}}
