"""The accounts of the sample data: saved when they are created, printed when everything runs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from demo.folders import Folders
from demo.keys import Keys, password


def demo_password(folders: Folders) -> str:
    """Return the password of the demo's accounts. Each installation has its own."""
    return Keys(folders.secrets).text("demo-password", password)


def save_accounts(people: Iterable[tuple[str, str]], folders: Folders) -> None:
    """Save the accounts to print, as (role, email)."""
    entries = [{"role": role, "email": email} for role, email in people]
    _file(folders).write_text(json.dumps(entries, indent=1), encoding="utf-8")


def load_accounts(folders: Folders) -> list[dict[str, str]]:
    """Return the accounts to print, with role and email; empty if there is no sample data."""
    return json.loads(_file(folders).read_text(encoding="utf-8")) if _file(folders).is_file() else []


def _file(folders: Folders) -> Path:
    return folders.var / "data" / "accounts.json"
