"""Checks before the start. Each error message says how to fix the problem."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from demo.folders import ROOT, SERVICES, Folders
from demo.ports import addresses, has_ipv6_loopback, is_free, port_owner
from demo.processes import GatewayAddress

REQUIRED = ("aiosmtpd", "celery", "chassis", "django", "gunicorn", "supervisor", *SERVICES)
# Seconds to wait for an earlier run that is still ending.
PREVIOUS_RUN_TIMEOUT = 15
_EVERYWHERE = {"0.0.0.0", "::", "*"}  # noqa: S104 - compared only


class StartError(Exception):
    """The demo cannot start. The text says why and what to do."""


def require_installed(redis_server: str | None) -> None:
    """Raise StartError if a package or program is missing."""
    missing = [name for name in REQUIRED if find_spec(name) is None]
    if not (Path(sys.executable).parent / "caddy").is_file():
        missing.append("caddy")
    if redis_server is None:
        missing.append("redis-server")
    if missing:
        raise StartError(f"Not installed: {', '.join(missing)}.\nRun: make demo")


def lock(folders: Folders) -> TextIO:
    """Lock the installation until the file is closed. Raise StartError if another run holds the lock."""
    file = (folders.run / "lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        pid = file.read().strip()
        raise StartError(
            f"The demo is running already, with its data in {_short(folders.var)} (pid {pid}).\n"
            f"Stop it with Ctrl-C where it runs, or: kill {pid}"
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def gateway_address(environment: Mapping[str, str]) -> GatewayAddress:
    """Return the gateway's address from PORT, BIND and PUBLIC_URL. Raise StartError if one is invalid."""
    text = environment.get("PORT", "") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise StartError(f"PORT must be a number from 1 to 65535, not {text!r}.\nRun: PORT=8010 make demo")
    port, bind = int(text), environment.get("BIND", "") or "localhost"
    hosts = ["localhost", "127.0.0.1"]
    if bind in {"localhost", "127.0.0.1", "::1"}:
        binds, own = ["127.0.0.1", *(["[::1]"] if has_ipv6_loopback() else [])], "localhost"
    else:
        outer = addresses() if bind in _EVERYWHERE else [bind]
        binds, own = [bind], outer[0] if outer else "localhost"
        hosts += [*outer, os.uname().nodename]
    public_url = (environment.get("PUBLIC_URL", "") or f"http://{own}:{port}").rstrip("/")
    parts = urlsplit(public_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise StartError(f"PUBLIC_URL must look like http://192.168.0.7:8000, not {public_url!r}.")
    return GatewayAddress(port, tuple(binds), tuple(dict.fromkeys([*hosts, parts.hostname])), public_url)


def require_free_port(gateway: GatewayAddress, *, timeout: float = PREVIOUS_RUN_TIMEOUT) -> None:
    """Raise StartError if another program uses the port. Wait for an earlier run that is ending."""
    deadline = time.monotonic() + timeout
    while not all(is_free(gateway.port, address.strip("[]")) for address in gateway.bind):
        who = port_owner(gateway.port)
        if str(ROOT) in who and time.monotonic() < deadline:
            time.sleep(0.2)
            continue
        other = gateway.port + 10 if gateway.port < 65000 else 8010
        by = f" by {who}" if who else ""
        raise StartError(
            f"Port {gateway.port} is taken{by}.\nStop that, or take another port: PORT={other} make demo"
        )


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
