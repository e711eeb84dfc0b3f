"""Ask a process on this machine whether it is ready. No question takes longer than a moment."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing
from pathlib import Path

from demo.processes import Accepts, Answers, Process

# The log stands still while a question is open.
PATIENCE = 0.2


def is_ready(process: Process) -> bool:
    """Whether it accepts connections, or answers, as its `ready` wants."""
    match process.ready:
        case Accepts(where):
            return _accepts(where)
        case Answers(port, path):
            return _answers(port, path)
    return False


def _accepts(where: int | Path) -> bool:
    family = socket.AF_UNIX if isinstance(where, Path) else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(PATIENCE)
        try:
            probe.connect(str(where) if isinstance(where, Path) else ("127.0.0.1", where))
        except OSError:
            return False
        return True


def _answers(port: int, path: str) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
