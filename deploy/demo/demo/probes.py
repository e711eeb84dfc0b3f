"""Readiness probes for local processes."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing
from pathlib import Path

from demo.processes import HttpProbe, Process, TcpProbe

# Seconds. The log is blocked during a probe.
PROBE_TIMEOUT = 0.2


def is_ready(process: Process) -> bool:
    """Return True if the process's TCP or HTTP probe succeeds."""
    match process.probe:
        case TcpProbe(address):
            return _accepts_connection(address)
        case HttpProbe(port, path):
            return _responds(port, path)
    return False


def _accepts_connection(address: int | Path) -> bool:
    family = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(PROBE_TIMEOUT)
        try:
            probe.connect(str(address) if isinstance(address, Path) else ("127.0.0.1", address))
        except OSError:
            return False
        return True


def _responds(port: int, path: str) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_TIMEOUT)) as connection:
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
