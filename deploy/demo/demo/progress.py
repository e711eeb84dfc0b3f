"""What the demo says of itself: to people in the log, to programs in var/run/status.json."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field

from demo.folders import Folders
from demo.lines import Log
from demo.people import demo_password, told
from demo.processes import Door

# With these a browser gets a page.
USABLE = frozenset({"gateway", "users-web", "study-web"})


@dataclass
class Progress:
    """Follows one run from its start. Seconds are counted from `began` (time.monotonic)."""

    folders: Folders
    door: Door
    log: Log
    began: float
    state: str = "starting"
    usable_after: float | None = None
    whole_after: float | None = None
    ready: dict[str, float] = field(default_factory=dict)

    def is_ready(self, name: str) -> None:
        """A process became ready."""
        seconds = self._seconds()
        again = name in self.ready
        self.ready[name] = seconds
        done = "done" if name.endswith("-prepare") else "ready"
        self.log.line(name, "ready again" if again else f"{done} after {seconds:.1f} s")
        if self.usable_after is None and self.ready.keys() >= USABLE:
            self.usable_after, self.state = seconds, "usable"
            self.log.line("demo", f"open {self.door.public_url} - the rest is coming up")
        self._write()

    def is_whole(self) -> None:
        """Everything is ready."""
        self.whole_after, self.state = self._seconds(), "whole"
        self._write()
        self.log.say(self._banner())

    def is_stopping(self) -> None:
        """The end has begun."""
        self.state = "stopping"
        self._write()
        self.log.line("demo", "stopping; a second Ctrl-C does not wait")

    def ended(self) -> None:
        """Every process has ended."""
        self.state = "stopped"
        self._write()
        self.log.say("Stopped. The data stays in var/; the next `make demo` goes on with it.")

    def _seconds(self) -> float:
        return round(time.monotonic() - self.began, 2)

    def _write(self) -> None:
        file = self.folders.run / "status.json"
        unfinished = file.with_suffix(".new")
        status = {
            "pid": os.getpid(),
            "url": self.door.public_url,
            "mail": f"{self.door.public_url}/_mail/",
            "state": self.state,
            "usable_after": self.usable_after,
            "whole_after": self.whole_after,
            "ready": self.ready,
        }
        unfinished.write_text(json.dumps(status, indent=1), encoding="utf-8")
        unfinished.replace(file)

    def _banner(self) -> str:
        secret = demo_password(self.folders)
        people = [f"    {one['role']:<9} {one['email']:<28} {secret}" for one in told(self.folders)]
        lines = ["", f"  Seodang runs at  {self.door.public_url}", "", *people, *([""] if people else [])]
        lines += [f"  Mails are shown at  {self.door.public_url}/_mail/"]
        if "127.0.0.1" not in self.door.bind:
            others = [f"http://{host}:{self.door.port}" for host in self.door.hosts]
            lines += [
                f"  It also answers at  {'  '.join(others)}",
                "  Whoever can reach this machine can open it and read these mails.",
            ]
        return "\n".join([*lines, "  Ctrl-C stops everything.", ""])
