"""A running demo: one of the test run's own, or the one at BASE."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[3]
# Seconds until everything is ready, from an empty folder on a busy machine; and until everything has ended.
WHOLE, ENDED = 240, 60
# Seconds to wait for a mail or a notification count.
PATIENCE = 30


@dataclass(frozen=True)
class Demo:
    """The URL of a demo, the folder of its data, and its process if the tests have started it."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def address_of(self, role: str) -> str:
        """Return the email address of the demo's account with a role."""
        accounts = json.loads((self.folder / "data" / "accounts.json").read_text(encoding="utf-8"))
        return str(next(account["email"] for account in accounts if account["role"] == role))

    def wait_until_ready(self) -> None:
        """Wait until everything is ready. Raise RuntimeError if the demo ends or takes too long."""
        deadline = time.monotonic() + WHOLE
        state = ""
        while state != "ready":
            with suppress(OSError, ValueError):
                state = json.loads((self.folder / "run/status.json").read_text(encoding="utf-8"))["state"]
            if time.monotonic() > deadline or (self.process and self.process.poll() is not None):
                raise RuntimeError(f"The demo did not come up:\n{self.output()[-4000:]}")
            time.sleep(0.2)

    def output(self) -> str:
        """Return what the demo has printed, if the tests have started it."""
        return (self.folder.parent / "demo.log").read_text(encoding="utf-8", errors="replace")

    def add_crowd(self, members: int, missions: int, *, is_long: bool = False) -> str:
        """Create a cohort of so many members and missions, with long names or short ones. Return its id."""
        command = [sys.executable, str(ROOT / "deploy/demo/crowd.py")]
        sizes = [f"--members={members}", f"--missions={missions}", *(["--long"] if is_long else [])]
        environment = {**os.environ, "DEMO_FOLDER": str(self.folder)}
        return subprocess.check_output([*command, *sizes], env=environment, text=True).strip()

    @property
    def password(self) -> str:
        """The password of the demo's accounts."""
        return (self.folder / "secrets" / "demo-password").read_text(encoding="utf-8").strip()

    def mails(self, to: str) -> list[dict[str, Any]]:
        """Return the mails to an address, newest first."""
        with urlopen(f"{self.url}/_mail/messages.json?to={quote(to)}", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)["messages"]
        return found

    def mail(self, to: str, saying: str) -> dict[str, Any]:
        """Wait for a mail to an address with a text in it. Raise AssertionError if there is none."""
        deadline = time.monotonic() + PATIENCE
        while True:
            mails = self.mails(to)
            for mail in mails:
                if saying in mail["subject"] or saying in mail["text"]:
                    return mail
            subjects = [mail["subject"] for mail in mails]
            assert time.monotonic() < deadline, f"no mail to {to} says {saying!r}; there are {subjects}"
            time.sleep(0.5)


@contextmanager
def running(**settings: str) -> Iterator[Demo]:
    """Yield the demo at BASE with its data in DEMO_FOLDER or var/; without BASE, start one with settings."""
    if base := os.environ.get("BASE"):
        yield Demo(base.rstrip("/"), Path(os.environ.get("DEMO_FOLDER") or ROOT / "var"))
        return
    with started(free_port(), **settings) as demo:
        demo.wait_until_ready()
        yield demo


@contextmanager
def started(port: int, **settings: str) -> Iterator[Demo]:
    """Start a demo on a port, with a folder and settings of its own; end it and remove the folder."""
    place = Path(tempfile.mkdtemp(prefix="seodang-browser-"))
    folder = place / "var"
    with (place / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "deploy/demo/run.py")],
            cwd=ROOT,
            env={
                **os.environ,
                "PORT": str(port),
                "DEMO_FOLDER": str(folder),
                "BIND": "localhost",
                **settings,
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield Demo(settings.get("PUBLIC_URL", f"http://localhost:{port}"), folder, process)
        finally:
            _end(process)
            shutil.rmtree(place, ignore_errors=True)


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(ENDED)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
