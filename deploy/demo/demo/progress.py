"""Report the progress of a run: in the log and in var/run/status.json."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field

from demo.accounts import demo_password, load_accounts
from demo.console_log import Log
from demo.folders import Folders
from demo.processes import GatewayAddress

# The processes that a browser needs for the first page.
USABLE = frozenset({"gateway", "users-web", "study-web"})


@dataclass
class Progress:
    """Reports one run. `started_at` is a time.monotonic."""

    folders: Folders
    gateway: GatewayAddress
    log: Log
    started_at: float
    state: str = "starting"
    usable_after: float | None = None
    ready_after: float | None = None
    ready: dict[str, float] = field(default_factory=dict)

    def on_ready(self, name: str) -> None:
        """Log a process that became ready."""
        seconds = self._seconds()
        again = name in self.ready
        self.ready[name] = seconds
        done = "done" if name.endswith("-prepare") else "ready"
        self.log.write_line(name, "ready again" if again else f"{done} after {seconds:.1f} s")
        if self.usable_after is None and self.ready.keys() >= USABLE:
            self.usable_after, self.state = seconds, "usable"
            self.log.write_line("demo", f"open {self.gateway.public_url} - the rest is coming up")
        self._write()

    def on_all_ready(self) -> None:
        """Print the banner: everything is ready."""
        self.ready_after, self.state = self._seconds(), "ready"
        self._write()
        self.log.write(self._banner())

    def on_stopping(self) -> None:
        """Handle the start of the shutdown."""
        self.state = "stopping"
        self._write()
        self.log.write_line("demo", "stopping; a second Ctrl-C does not wait")

    def ended(self) -> None:
        """Log that every process has ended."""
        self.state = "stopped"
        self._write()
        self.log.write("Stopped. The data stays in var/; the next `make demo` goes on with it.")

    def _seconds(self) -> float:
        return round(time.monotonic() - self.started_at, 2)

    def _write(self) -> None:
        file = self.folders.run / "status.json"
        unfinished = file.with_suffix(".new")
        status = {
            "pid": os.getpid(),
            "url": self.gateway.public_url,
            "mail": f"{self.gateway.public_url}/_mail/",
            "state": self.state,
            "usable_after": self.usable_after,
            "ready_after": self.ready_after,
            "ready": self.ready,
        }
        unfinished.write_text(json.dumps(status, indent=1), encoding="utf-8")
        unfinished.replace(file)

    def _banner(self) -> str:
        secret = demo_password(self.folders)
        people = [
            f"    {account['role']:<9} {account['email']:<28} {secret}"
            for account in load_accounts(self.folders)
        ]
        lines = ["", f"  Seodang runs at  {self.gateway.public_url}", "", *people, *([""] if people else [])]
        lines += [f"  Mails are shown at  {self.gateway.public_url}/_mail/"]
        if "127.0.0.1" not in self.gateway.bind:
            others = [f"http://{host}:{self.gateway.port}" for host in self.gateway.hosts]
            lines += [
                f"  It also answers at  {'  '.join(others)}",
                "  Whoever can reach this machine can open it and read these mails.",
            ]
        return "\n".join([*lines, "  Ctrl-C stops everything.", ""])
