"""The secrets of one installation: made on its first start, kept in var/secrets, never printed."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Easy to read from a screen and to type on a phone.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Keys:
    """Files that hold secrets, by name."""

    folder: Path

    def file(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> Path:
        """The file of that secret, made now if it is missing."""
        file = self.folder / name
        return file if file.exists() else self.put(name, make())

    def put(self, name: str, text: str) -> Path:
        """The file of that name, holding that text: for what is made of other secrets at every start."""
        file = self.folder / name
        unfinished = self.folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as new:
            new.write(text + "\n")
        # A start that is cut short leaves a whole secret or none.
        unfinished.replace(file)
        return file

    def text(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
        """The secret itself."""
        return self.file(name, make).read_text(encoding="utf-8").strip()


def field_key() -> str:
    """A Fernet key, which encrypts stored secrets."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def password() -> str:
    """The password of the demo's three accounts, such as kq7w-2mdx-h9tp."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))
