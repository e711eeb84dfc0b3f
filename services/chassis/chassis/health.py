"""Health of a process, judged by a thread of the process from what its loops record.

The thread counts silence in its own steps. A process that was paused, or starved of CPU, therefore does not
look silent to itself. A loop that cannot recover ends the process, so that whatever runs it starts it again:
compose, the demo's supervisor and Kubernetes alike.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog
from django.db import connections
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

# Seconds between two looks, and without a sign of work until /healthz answers 503.
STEP = 5.0
ILL_AFTER = 30.0
# Longer than any honest pause of a loop: a task at its limit, or a batch whose every call times out.
STUCK_AFTER = 75.0
log = structlog.get_logger()


@dataclass
class Loop:
    """A loop of this process. `silent` is how many seconds it has shown no work and had no excuse.

    `ends_after` is the silence (seconds) that ends the process; None never does. `excused` is asked at each
    step and may block for a few seconds.
    """

    name: str
    ends_after: float | None
    excused: Callable[[], bool]
    silent: float


@dataclass
class _Monitor:
    loops: dict[str, Loop] = field(default_factory=dict)
    looked_at: float = field(default_factory=time.monotonic)
    thread: threading.Thread | None = None


_monitor = _Monitor()


def watch(
    name: str,
    *,
    ends_after: float | None = None,
    excused: Callable[[], bool] = lambda: False,
    is_well: bool = False,
) -> None:
    """Expect signs of work from a loop of that name. It is ill until the first one, unless `is_well`."""
    _monitor.loops[name] = Loop(name, ends_after, excused, 0.0 if is_well else ILL_AFTER)
    if _monitor.thread is None:
        _monitor.looked_at = time.monotonic()
        _monitor.thread = threading.Thread(target=_look_on, name="health", daemon=True)
        _monitor.thread.start()


def beat(name: str) -> None:
    """Record that the loop of that name works. Nothing happens where nobody watches it."""
    if loop := _monitor.loops.get(name):
        loop.silent = 0.0


def ills() -> list[str]:
    """Return one line for each loop that has shown no work for ILL_AFTER seconds; none if all is well."""
    found = [
        f"{loop.name}: no sign of work for {loop.silent:.0f} s"
        for loop in list(_monitor.loops.values())
        if loop.silent >= ILL_AFTER
    ]
    if _monitor.loops and time.monotonic() - _monitor.looked_at > ILL_AFTER:
        found.append("health: not judged lately")
    return found


def _look_on() -> None:
    pause = threading.Event()
    while not pause.wait(STEP):
        _look(_monitor)


def _look(monitor: _Monitor) -> None:
    for loop in list(monitor.loops.values()):
        loop.silent = 0.0 if _is_excused(loop) else loop.silent + STEP
        if loop.ends_after is not None and loop.silent >= loop.ends_after:
            _end(loop)
    monitor.looked_at = time.monotonic()


def _is_excused(loop: Loop) -> bool:
    try:
        return loop.excused()
    except Exception:
        # This thread must go on: without it nobody judges the process any more.
        log.exception("excuse_not_known", loop=loop.name)
        return False


def _end(loop: Loop) -> None:
    try:
        frame = sys._current_frames()[threading.main_thread().ident or 0]  # noqa: SLF001 - public by its documentation
        stack = "".join(traceback.format_stack(frame))
        log.error("process_ends_itself", loop=loop.name, silent_seconds=loop.silent, stack=stack)
    finally:
        # The loop may hang, so nothing waits for it.
        os._exit(os.EX_SOFTWARE)


class _Handler(BaseHTTPRequestHandler):
    timeout = 5

    def do_GET(self) -> None:
        """Answer /healthz/live (the process answers), /healthz (its loops work) and /metrics."""
        if self.path == "/healthz/live":
            self._answer(200, b"ok\n")
        elif self.path == "/healthz":
            found = ills()
            self._answer(503 if found else 200, "".join(f"{line}\n" for line in found or ["ok"]).encode())
        elif self.path == "/metrics":
            try:
                self._answer(200, generate_latest(), CONTENT_TYPE_LATEST)
            finally:
                # This thread's own, made by the figures that read the database.
                connections.close_all()
        else:
            self._answer(404, b"not found\n")

    def _answer(self, status: int, body: bytes, content_type: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: probes come every few seconds."""


class _Server(ThreadingHTTPServer):
    # While gunicorn replaces a worker, the old and the new one answer side by side.
    allow_reuse_port = True
    daemon_threads = True


def serve(port: int) -> ThreadingHTTPServer:
    """Answer /healthz and /metrics on this port from now on, in a thread. OSError if the port is taken."""
    server = _Server(("", port), _Handler)
    threading.Thread(target=server.serve_forever, name="healthz", daemon=True).start()
    return server
