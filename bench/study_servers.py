"""The study service's web server and its rivals as processes, their settings, and the tokens they accept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from joserfc import jwt
from joserfc.jwk import OKPKey
from kill.processes import free_port
from study_database import Database

from chassis.testing.serving import Request, Response

BENCH = Path(__file__).resolve().parent
PUBLIC_URL = "http://localhost"
STARTED_SECONDS = 60
# gunicorn as its users start it, with the product's number of threads and keep-alive.
_GUNICORN = (
    "gunicorn", "rivals.wsgi:application", "--worker-class=gthread", "--workers=1", "--threads=4",
    "--keep-alive=100", "--no-control-socket", "--bind=127.0.0.1:{port}",
)  # fmt: skip
_UVICORN = ("--loop=uvloop", "--http=httptools", "--no-access-log", "--log-level=warning", "--port={port}")
# The first is the product; the others are compared with the floor. That is there twice: by how much the ratio
# of the second differs from 1 is the error of the measurement.
COMMANDS: dict[str, tuple[str, ...]] = {
    "product": ("chassis.entrypoint", "web"),
    "floor": _GUNICORN,
    "drf": _GUNICORN,
    "ninja": _GUNICORN,
    "fastapi": ("uvicorn", "rivals.fastapi_app:app", *_UVICORN),
    "litestar": ("uvicorn", "rivals.litestar_app:app", *_UVICORN),
    "floor-2": _GUNICORN,
}
_URLS = {"floor": "rivals.floor", "floor-2": "rivals.floor", "drf": "rivals.drf", "ninja": "rivals.ninja_app"}


@dataclass
class Server:
    """A process that answers on a port of the loopback interface."""

    name: str
    port: int
    process: psutil.Popen
    log: Path

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process and its children."""
        whole = [self.process, *self.process.children(recursive=True)]
        # Linux's clock_getcpuclockid(3): in nanoseconds, where psutil counts hundredths of a second.
        return sum(time.clock_gettime((~process.pid << 3) | 2) for process in whole)

    def get(self, path: str, token: str = "") -> Any:
        """Return the JSON of a path. Exit with the server's log if it is not answered with 200."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            sys.exit(f"{self.name} answered {path} with {error.code}:\n{self.log.read_text()[-4000:]}")

    def answers(self) -> bool:
        """Return whether it answers anything."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Stop it."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except psutil.TimeoutExpired:
            for child in self.process.children(recursive=True):
                child.kill()
            self.process.kill()
            self.process.wait()


class Keys:
    """In place of the users service: answers with a public key, and signs tokens with the private one."""

    def __init__(self) -> None:
        self.key = OKPKey.generate_key("Ed25519", private=True)
        public = {**self.key.as_dict(private=False), "kid": self.key.thumbprint()}
        self._body = json.dumps({"keys": [{**public, "use": "sig", "alg": "Ed25519"}]}).encode()

    def answer(self, request: Request) -> Response:
        """Answer a request to the users service."""
        return (200 if request.path == "/.well-known/jwks.json" else 404), {}, self._body

    def token(self, account_id: str, *, seconds: int) -> str:
        """Return an access token for the study service, as users signs it."""
        now = int(time.time())
        claims = {"iss": PUBLIC_URL, "jti": uuid4().hex, "iat": now, "nbf": now, "exp": now + seconds}
        claims |= {"aud": ["study"], "use": "access", "scope": "read write", "sub": account_id, "roles": []}
        claims |= {"locale": "ko", "zoneinfo": "Asia/Seoul"}
        header = {"alg": "Ed25519", "typ": "JWT", "kid": self.key.thumbprint()}
        return jwt.encode(header, claims, self.key, algorithms=["Ed25519"])


def environment(database_: Database, users_url: str) -> dict[str, str]:
    """Return the settings of the study service, which the rivals read, too."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    secret = "only-for-the-benchmark-0123456789"  # noqa: S105
    return {
        **kept,
        **database_.settings,
        "DJANGO_SETTINGS_MODULE": "study.settings",
        "PYTHONPATH": str(BENCH),
        "PUBLIC_URL": PUBLIC_URL,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECRET_KEY": secret,
        "FIELD_KEY": "b25seS1mb3ItdGhlLWJlbmNobWFyay0wMTIzNDU2Nzg=",
        "SERVICE_SECRET": secret,
        "USERS_URL": users_url,
        "BROKER_URL": "redis://127.0.0.1:1/0",
    }


def run(settings: Mapping[str, str], *command: str, seconds: float = 3600) -> str:
    """Run a Python program, and return its output. Exit with its errors if it fails."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, *command],
        env=settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def servers(settings: Mapping[str, str], folder: Path, names: list[str]) -> Iterator[dict[str, Server]]:
    """Start servers with the settings, each one process or one worker; stop them afterwards."""
    with ExitStack() as stack:
        started = {}
        for name in names:
            port = free_port()
            own = {"LISTEN": f"127.0.0.1:{port}", "METRICS_PORT": str(free_port())}
            if name in _URLS:
                own = {"DJANGO_SETTINGS_MODULE": "rivals.settings", "RIVAL": _URLS[name]}
            command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m"]
            command += [word.format(port=port) for word in COMMANDS[name]]
            log = folder / f"{name}.log"
            with log.open("wb") as out:
                process = psutil.Popen(
                    command, env={**settings, **own}, stdin=subprocess.DEVNULL, stdout=out, stderr=out
                )
            started[name] = Server(name, port, process, log)
            stack.callback(started[name].stop)
        for server in started.values():
            _wait_for(server)
        yield started


def _wait_for(server: Server) -> None:
    until = time.monotonic() + STARTED_SECONDS
    while not server.answers():
        if server.process.poll() is not None or time.monotonic() > until:
            sys.exit(f"{server.name} did not start:\n{server.log.read_text()[-4000:]}")
        time.sleep(0.2)
