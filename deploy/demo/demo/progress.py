"""Report a run: on the terminal and in var/run/status.json."""

from __future__ import annotations

import json
import os
import re
import select
import sys
import time
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import NoReturn

from demo.console import LogFile, format_line, setup_link
from demo.folders import SERVICES
from demo.installation import READY, Installation
from demo.keys import demo_password
from demo.service import is_ready

# The processes that a browser needs for the first page.
USABLE = ("gateway", "users-web", "study-web")
# Seconds between two readings of the logs, and between two requests to a web process that is starting.
POLL_SECONDS, PROBE_SECONDS = 0.2, 1
# What to try first with the sample data: role, path, and what that page shows.
TRY_FIRST = (
    ("operator", "/", "who has submitted what, week by week, and which reviews wait"),
    ("mentor", "/reviews/", "the submissions that wait for your review, the oldest first"),
    ("member", "/", "your missions: what is due next, and what a review asks you to change"),
)
_EXITED = re.compile(r"exited: (?P<name>\S+) \((?P<how>.*?)(?:; (?:not )?expected)?\)$")
_GAVE_UP = re.compile(r"gave up: (?P<name>\S+) entered FATAL state")


class Progress:
    """Reports one run. `started_at` is a time.monotonic."""

    def __init__(self, installation: Installation, names: Iterable[str], started_at: float) -> None:
        self._folders, self._gateway = installation.folders, installation.gateway
        self._started_at, self._probed_at = started_at, 0.0
        # The seconds until a process was ready; None while it is not.
        self._ready: dict[str, float | None] = dict.fromkeys(names)
        # supervisord's is the first: a process has ended before its successor is ready.
        self._logs = {
            name: LogFile(self._folders.log / f"{name}.log") for name in ("supervisord", *self._ready)
        }
        self._restarted: set[str] = set()
        # Where the first owner is created; None if there is one.
        self._setup_link: str | None = None
        self._hang_ups = select.poll()
        self._hang_ups.register(sys.stdout, 0)
        ports, host = installation.ports, self._gateway.bind[0]
        self._probes = {
            "gateway": (f"{host}:{self._gateway.port}", "/_gateway/seodang.css"),
            **{f"{name}-web": (f"127.0.0.1:{ports[name]}", "/healthz/ready") for name in SERVICES},
        }
        self._set_state("starting")

    def update(self) -> None:
        """Show what the processes have written, and which have ended or become ready."""
        if self._hang_ups.poll(0):  # a session's leader, such as make, may keep SIGHUP to itself
            _end()
        for name, log in self._logs.items():
            for line in log.read_lines():
                if name == "supervisord":
                    self._handle_event(line)
                    continue
                self._setup_link = setup_link(line) or self._setup_link
                for shown in format_line(line):
                    self.say(name, shown)
                text = READY.get(name.rpartition("-")[2])
                if text and text in line:
                    self._handle_ready(name)
        if time.monotonic() - self._probed_at > PROBE_SECONDS:
            for name, (address, path) in self._probes.items():
                if self._ready.get(name, 0) is None and is_ready(address, path):
                    self._handle_ready(name)
            self._probed_at = time.monotonic()

    def stopping(self) -> None:
        """Say that the run is ending."""
        self._set_state("stopping")
        self.say("demo", "stopping; a second Ctrl-C does not wait")

    def stopped(self) -> None:
        """Say that every process has ended."""
        self._set_state("stopped")
        command = "make demo EMPTY=1" if "EMPTY" in os.environ else "make demo"
        _print(f"Stopped. The data stays in {self._folders.var}; the next `{command}` goes on with it.")

    def say(self, name: str, text: str) -> None:
        """Print a line about a process. Raise KeyboardInterrupt if the terminal is closed."""
        label = f"{name:<{max(map(len, self._logs))}}"
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            label = f"\033[{31 + zlib.crc32(name.encode()) % 6}m{label}\033[0m"
        _print(f"{datetime.now().astimezone():%H:%M:%S}  {label}  {text}")

    def _handle_event(self, line: str) -> None:
        """Report what supervisord says of a process."""
        if self._state == "stopping":
            return
        if found := _EXITED.search(line):
            name = found["name"]
            log = self._folders.log / f"{name}.log"
            self.say(name, f"WARNING ended ({found['how']}); starting it again. Its log: {log}")
            self._ready[name] = None
            self._restarted.add(name)
        elif found := _GAVE_UP.search(line):
            log = self._folders.log / f"{found['name']}.log"
            self.say(found["name"], f"ERROR ended too often. The lines above and {log} say why.")
            self.say(found["name"], "End with Ctrl-C, mend it and start again.")

    def _handle_ready(self, name: str) -> None:
        if self._ready[name] is not None or self._state == "stopping":
            return
        seconds = self._ready[name] = round(time.monotonic() - self._started_at, 2)
        self.say(name, "ready again" if name in self._restarted else f"ready after {seconds:.1f} s")
        if self._state == "starting" and all(self._ready.get(usable, 0) is not None for usable in USABLE):
            self._set_state("usable")
            self.say("demo", f"open {self._gateway.public_url} - the rest is coming up")
        elif self._state == "usable" and None not in self._ready.values():
            _print(self._banner())
            self._set_state("ready")
        else:
            self._set_state(self._state)

    def _set_state(self, state: str) -> None:
        self._state = state
        url = self._gateway.public_url
        status = {
            "pid": os.getpid(),
            "url": url,
            "mail": f"{url}/_mail/",
            "state": state,
            "ready": self._ready,
        }
        file = self._folders.run / "status.json"
        unfinished = file.with_suffix(".new")
        unfinished.write_text(json.dumps(status, indent=1), encoding="utf-8")
        unfinished.replace(file)

    def _banner(self) -> str:
        url, secret = self._gateway.public_url, demo_password(self._folders)
        file = self._folders.accounts  # of the sample data, if there is any
        accounts = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
        lines = ["", f"  Seodang runs at  {url}", ""]
        if self._setup_link:
            lines.append(f"  Set it up at  {self._setup_link}")
            lines.append(
                "  Then open a cohort. Its page lists what comes next: parts, GitHub, a mission, people."
            )
        elif not accounts:
            lines.append(f"  It has an owner, who signs in at  {url}/accounts/login/")
        lines += [f"    {account['role']:<9} {account['email']:<28} {secret}" for account in accounts]
        if accounts:
            width = max(len(path) for _, path, _ in TRY_FIRST)
            lines += ["", "  Sign in as each, and try first"]
            lines += [f"    {role:<9} {url}{path:<{width}}  {shown}" for role, path, shown in TRY_FIRST]
        lines += ["", f"  Mails are shown at  {url}/_mail/"]
        if "127.0.0.1" not in self._gateway.bind:
            others = "  ".join(f"http://{host}:{self._gateway.port}" for host in self._gateway.hosts)
            lines.append(f"  It also answers at  {others}")
            lines.append("  Whoever can reach this machine can open it and read these mails.")
        return "\n".join([*lines, "  Ctrl-C stops everything.", ""])


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except OSError:
        _end()


def _end() -> NoReturn:
    """End as if interrupted, and say no more: the terminal or pipe is closed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise KeyboardInterrupt
