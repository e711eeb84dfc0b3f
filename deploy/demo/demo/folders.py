"""Where the demo keeps what it makes: everything under var/, so that `rm -r var` is a fresh start."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SERVICES = ("users", "study", "notification")


@dataclass(frozen=True)
class Folders:
    """The folders of one installation. Only its owner may look into them."""

    var: Path

    @property
    def run(self) -> Path:
        """What lives as long as a run: sockets, the lock, what is ready by now."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        """What each process said, unabridged."""
        return self.var / "log"

    @property
    def secrets(self) -> Path:
        """A file for each secret, made once."""
        return self.var / "secrets"

    @property
    def mail(self) -> Path:
        """The mails that were sent."""
        return self.var / "mail"

    @property
    def gateway(self) -> Path:
        """What Caddy writes."""
        return self.var / "gateway"

    def database(self, service: str) -> Path:
        """The service's SQLite file."""
        return self.var / "data" / f"{service}.sqlite3"

    def static(self, service: str) -> Path:
        """The service's collected static files."""
        return self.var / "static" / service

    def fingerprint(self, service: str) -> Path:
        """Says from which files the database and the static files were last made."""
        return self.var / "data" / f"{service}.fingerprint"

    @classmethod
    def from_environment(cls) -> Folders:
        """Those of var/, or of the folder that DEMO_FOLDER names: a second installation beside the first."""
        return cls(Path(os.environ.get("DEMO_FOLDER") or ROOT / "var").resolve())

    def create(self) -> None:
        """Make them, closed to others."""
        self.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.var.chmod(0o700)
        for folder in (self.run, self.log, self.secrets, self.mail, self.gateway, self.var / "data"):
            folder.mkdir(mode=0o700, exist_ok=True)
