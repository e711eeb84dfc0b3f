"""The services' processes with their real commands, on SQLite and a private Redis, under a supervisor."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from kill.processes import die_with_parent, free_port, redis_server

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("users", "study", "notification")
PYTHON = sys.executable
# Seconds; generous for a busy machine.
TIMEOUT = 240.0
Found = TypeVar("Found")


def wait_for(what: str, look: Callable[[], Found], *, seconds: float = TIMEOUT) -> Found:
    """Return the first truthy result of `look`. Raise AssertionError with `what` after the timeout."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.25)
    raise AssertionError(f"Not within {seconds:.0f} s: {what}")


@dataclass
class Process:
    """A process with its log. It is killed when this program ends."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; append its output to its log."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - it only calls prctl
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its pid. Raises RuntimeError before the first start."""
        if self.process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self.process.pid

    def is_alive(self) -> bool:
        """Return True if it runs."""
        return self.process is not None and self.process.poll() is None

    def pause(self) -> None:
        """Send SIGSTOP to it and its children."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Send SIGCONT to it and its children."""
        os.killpg(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Send SIGKILL to it and its children."""
        os.killpg(self.pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def end(self) -> None:
        """Send SIGTERM, then SIGKILL if it does not end."""
        if self.process is None or self.process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            self.resume()
            self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log_text(self) -> str:
        """Return its log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Redis(Process):
    """A private redis-server without persistence."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        command = [redis_server(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", str(folder)]
        super().__init__("redis", command, {"PATH": os.environ["PATH"]}, folder / "redis.log")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def answers(self) -> bool:
        """Return True if it answers a ping."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as wire:
                wire.sendall(b"PING\r\n")
                return wire.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def queue_length(self, service: str) -> int:
        """Return the length of a service's queue."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as wire:
            wire.sendall(f"LLEN {service}:{service}\r\n".encode())
            return int(wire.recv(32).strip().removeprefix(b":"))


@dataclass(frozen=True)
class Service:
    """A service's environment and commands."""

    name: str
    environment: Mapping[str, str]
    folder: Path

    def role(self, role: str, *arguments: str, **settings: str) -> Process:
        """Return a process of a role, with its own METRICS_PORT."""
        own = {"METRICS_PORT": str(free_port()), "LISTEN": f"127.0.0.1:{free_port()}"}
        environment = {**self.environment, **own, **settings}
        name = f"{self.name}-{role}"
        command = [PYTHON, "-m", "chassis.entrypoint", role, *arguments]
        return Process(name, command, environment, self.folder / f"{name}.log")

    def django(self, *arguments: str, program: str = "") -> str:
        """Run a Django command (or a program, after `django.setup()`) and return its output."""
        words = ["-c", f"import django; django.setup()\n{program}"] if program else ["-m", "django"]
        done = subprocess.run(
            [PYTHON, *words, *arguments],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
            preexec_fn=die_with_parent,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def ask(self, program: str, *arguments: str) -> Any:
        """Run a program and return its last line, parsed as JSON."""
        return json.loads(self.django(*arguments, program=program).splitlines()[-1])

    def rows(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Run an SQL statement, commit it, and return its rows."""
        database = self.environment["DATABASE_PATH"]
        with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
            return connection.execute(statement, values).fetchall()


def services(
    folder: Path, broker_url: str, *, names: Sequence[str] = SERVICES, **settings: str
) -> dict[str, Service]:
    """Create services with migrated SQLite files. `settings` apply to all."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    found = {}
    for name in names:
        secret = f"only-for-tests-of-processes-{name}-0123456789"
        environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": f"{name}.settings",
            "PYTHONPATH": os.pathsep.join(
                str(ROOT / "services" / part) for part in ("chassis", "look", name, "e2e")
            ),
            "PYTHONUNBUFFERED": "1",
            "PUBLIC_URL": "http://localhost",
            "DATABASE_PATH": str(folder / f"{name}.sqlite3"),
            "BROKER_URL": broker_url,
            "SECRET_KEY": secret,
            # Mail is expected at any hour.
            "QUIET_HOURS": "",
            "FIELD_KEY": "b25seS1mb3ItdGhlLWtpbGwtdGVzdC1vZi1ldmVudHM=",
            "SERVICE_SECRET": secret,
            "SERVICE_SECRETS": f"study:{secret},notification:{secret}",
            "USERS_URL": "http://127.0.0.1:1",
            "STUDY_URL": "http://127.0.0.1:1",
            "SMTP_URL": "smtp://127.0.0.1:1",
            **settings,
        }
        found[name] = Service(name, environment, folder)
        found[name].django("migrate", "--no-input", "--verbosity", "0")
    return found


@dataclass
class Supervisor:
    """Restarts processes when they end, as compose, the demo and Kubernetes do."""

    processes: list[Process]
    restarts: dict[str, int] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)

    def restart_ended(self) -> None:
        """Restart ended processes. Call it from the thread that started them: they are killed with it."""
        for process in self.processes:
            if not process.is_alive() and not self._ended.is_set():
                if process.process is not None:
                    self.restarts[process.name] = self.restarts.get(process.name, 0) + 1
                process.start()

    def wait_for(self, what: str, look: Callable[[], Found], *, seconds: float = TIMEOUT) -> Found:
        """Like `wait_for`, with restarts; the error contains the end of the logs."""

        def both() -> Found:
            self.restart_ended()
            return look()

        try:
            return wait_for(what, both, seconds=seconds)
        except AssertionError as error:
            tails = [f"--- {process.name}\n{process.log_text()[-2000:]}" for process in self.processes]
            raise AssertionError("\n".join([str(error), *tails])) from None

    def end(self) -> None:
        """End all processes."""
        self._ended.set()
        for process in self.processes:
            process.end()


@contextmanager
def supervised(*processes: Process) -> Iterator[Supervisor]:
    """Run processes while the block runs."""
    found = Supervisor(list(processes))
    try:
        found.restart_ended()
        yield found
    finally:
        found.end()


def http(process: Process, path: str = "/healthz") -> tuple[int, str]:
    """GET a path of the process's METRICS_PORT; return (status, body), or (0, error)."""
    url = f"http://127.0.0.1:{process.environment['METRICS_PORT']}{path}"
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def is_healthy(process: Process) -> bool:
    """Return True if the process reports that it is healthy."""
    return http(process)[0] == 200
