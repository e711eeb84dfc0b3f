"""The secrets of one installation: created on its first start, stored in var/secrets, never printed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet

from demo.folders import SERVICES, Folders

# Without characters that look alike.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def create_secrets(folders: Folders) -> None:
    """Create the services' secrets that are missing."""
    callers = []
    for service in SERVICES:
        read_secret(folders.secrets / f"{service}-secret-key")
        read_secret(folders.secrets / f"{service}-field-key", lambda: Fernet.generate_key().decode())
        if service != "users":
            callers.append(f"{service}:{read_secret(folders.secrets / f'{service}-service-secret')}")
    _write(folders.secrets / "users-service-secrets", ",".join(callers))


def demo_password(folders: Folders) -> str:
    """Return the password of the demo's accounts. Each installation has its own."""
    return read_secret(folders.secrets / "demo-password", password)


def secret() -> str:
    """Return a new secret."""
    return secrets.token_urlsafe(48)


def password() -> str:
    """Return a new password, such as kq7w-2mdx-h9tp."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))


def read_secret(file: Path, make: Callable[[], str] = secret) -> str:
    """Return the secret in a file; create it if it is missing."""
    if not file.exists():
        _write(file, make())
    return file.read_text(encoding="utf-8").strip()


def _write(file: Path, text: str) -> None:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as new:
        new.write(text + "\n")
    # Write atomically: an interrupted start leaves no partial secret.
    unfinished.replace(file)
