"""The demo's files: everything is under var/, so that `rm -r var` resets it."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SERVICES = ("users", "study", "notification")


class Folders:
    """The folders of one installation, accessible to their owner only."""

    def __init__(self, var: Path) -> None:
        self.var = var
        # Files of the current run: configurations, the lock, the status.
        self.run = var / "run"
        self.log = var / "log"
        self.data = var / "data"
        self.secrets = var / "secrets"
        self.mail = var / "mail"
        self.gateway = var / "gateway"

    @classmethod
    def from_environment(cls) -> Folders:
        """Return the folders under DEMO_FOLDER, by default var/, or var/empty/ with EMPTY: no sample data."""
        default = ROOT / "var/empty" if os.environ.get("EMPTY") else ROOT / "var"
        return cls(Path(os.environ.get("DEMO_FOLDER") or default).resolve())

    def create(self) -> None:
        """Create the folders with mode 0700."""
        self.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.var.chmod(0o700)
        for folder in (self.run, self.log, self.data, self.secrets, self.mail, self.gateway):
            folder.mkdir(mode=0o700, exist_ok=True)

    def database(self, service: str) -> Path:
        """Return the path of a service's SQLite file."""
        return self.data / f"{service}.sqlite3"

    @property
    def accounts(self) -> Path:
        """The path of the accounts to print: a list of role and email."""
        return self.data / "accounts.json"

    def static(self, service: str) -> Path:
        """Return the folder of a service's collected static files."""
        return self.var / "static" / service

    def fingerprint(self, service: str) -> Path:
        """Return the path of the fingerprint of the files that the service was prepared from."""
        return self.data / f"{service}.fingerprint"
