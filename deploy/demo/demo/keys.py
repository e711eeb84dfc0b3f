"""The secrets of one installation: created on its first start, stored in var/secrets, never printed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Without characters that look alike.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def secret() -> str:
    """Return a new secret."""
    return secrets.token_urlsafe(48)


def password() -> str:
    """Return a new password, such as kq7w-2mdx-h9tp."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))


@dataclass(frozen=True)
class Keys:
    """Secrets in files, by name."""

    folder: Path

    def file(self, name: str, make: Callable[[], str] = secret) -> Path:
        """Return the file of a secret; create it if it is missing."""
        file = self.folder / name
        return file if file.exists() else self.put(name, make())

    def put(self, name: str, text: str) -> Path:
        """Write a text that is derived from other secrets; return its file."""
        file = self.folder / name
        unfinished = self.folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as new:
            new.write(text + "\n")
        # Write atomically: an interrupted start leaves no partial secret.
        unfinished.replace(file)
        return file

    def text(self, name: str, make: Callable[[], str] = secret) -> str:
        """Return the secret; create it if it is missing."""
        return self.file(name, make).read_text(encoding="utf-8").strip()
