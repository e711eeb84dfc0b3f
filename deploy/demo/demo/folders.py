"""The demo's files: everything is under var/, so that `rm -r var` resets it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SERVICES = ("users", "study", "notification")


@dataclass(frozen=True)
class Folders:
    """The folders of one installation, accessible to their owner only."""

    var: Path

    @property
    def run(self) -> Path:
        """Files of the current run: sockets, the lock, the status."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        """The complete logs of the processes."""
        return self.var / "log"

    @property
    def secrets(self) -> Path:
        """One file per secret."""
        return self.var / "secrets"

    @property
    def mail(self) -> Path:
        """The received mails."""
        return self.var / "mail"

    @property
    def gateway(self) -> Path:
        """Caddy's data."""
        return self.var / "gateway"

    def database(self, service: str) -> Path:
        """Return the path of a service's SQLite file."""
        return self.var / "data" / f"{service}.sqlite3"

    def static(self, service: str) -> Path:
        """Return the folder of a service's collected static files."""
        return self.var / "static" / service

    def fingerprint(self, service: str) -> Path:
        """Return the path of the fingerprint of the files that the service was prepared from."""
        return self.var / "data" / f"{service}.fingerprint"

    @classmethod
    def from_environment(cls) -> Folders:
        """Return the folders under DEMO_FOLDER, by default var/."""
        return cls(Path(os.environ.get("DEMO_FOLDER") or ROOT / "var").resolve())

    def create(self) -> None:
        """Create the folders with mode 0700."""
        self.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.var.chmod(0o700)
        for folder in (self.run, self.log, self.secrets, self.mail, self.gateway, self.var / "data"):
            folder.mkdir(mode=0o700, exist_ok=True)
