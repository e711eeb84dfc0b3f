"""Health of a process: its loops record heartbeats, and a thread checks their age.

The age is counted in the thread's own intervals, so it does not grow while the process is paused or starved
of CPU. A loop that cannot recover ends the process, and whatever runs the process (compose, the demo,
Kubernetes) starts it again.
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

# Seconds between two checks, and without a heartbeat until /healthz answers 503.
INTERVAL = 5.0
MAX_AGE = 30.0
# Longer than a working loop pauses: a task at its limit, or a batch in which every call times out.
RESTART_AFTER = 75.0
log = structlog.get_logger()


@dataclass
class WatchedLoop:
    """A loop of this process. `age` is the age (seconds) of its last heartbeat.

    An age of `restart_after` ends the process, so that it is started again; None never does.
    `is_silence_expected` is called at each check and may block for a few seconds; while it returns True, the
    age is zero.
    """

    name: str
    restart_after: float | None
    is_silence_expected: Callable[[], bool]
    age: float


@dataclass
class _Monitor:
    loops: dict[str, WatchedLoop] = field(default_factory=dict)
    checked_at: float = field(default_factory=time.monotonic)
    thread: threading.Thread | None = None


_monitor = _Monitor()


def watch(
    name: str,
    *,
    restart_after: float | None = None,
    is_silence_expected: Callable[[], bool] = lambda: False,
    starts_healthy: bool = False,
) -> None:
    """Expect heartbeats of a loop. Until the first it counts as stale, unless `starts_healthy`."""
    _monitor.loops[name] = WatchedLoop(
        name, restart_after, is_silence_expected, 0.0 if starts_healthy else MAX_AGE
    )
    if _monitor.thread is None:
        _monitor.checked_at = time.monotonic()
        _monitor.thread = threading.Thread(target=_run, name="health", daemon=True)
        _monitor.thread.start()


def record_heartbeat(name: str) -> None:
    """Record a heartbeat of a loop. Does nothing if the loop is not watched."""
    if loop := _monitor.loops.get(name):
        loop.age = 0.0


def stale_loops() -> list[str]:
    """Return one line for each loop whose last heartbeat is older than MAX_AGE."""
    found = [
        f"{loop.name}: no heartbeat for {loop.age:.0f} s"
        for loop in list(_monitor.loops.values())
        if loop.age >= MAX_AGE
    ]
    if _monitor.loops and time.monotonic() - _monitor.checked_at > MAX_AGE:
        found.append("health: the check itself is stale")
    return found


def _run() -> None:
    pause = threading.Event()
    while not pause.wait(INTERVAL):
        _check(_monitor)


def _check(monitor: _Monitor) -> None:
    for loop in list(monitor.loops.values()):
        loop.age = 0.0 if _is_silence_expected(loop) else loop.age + INTERVAL
        if loop.restart_after is not None and loop.age >= loop.restart_after:
            _end(loop)
    monitor.checked_at = time.monotonic()


def _is_silence_expected(loop: WatchedLoop) -> bool:
    try:
        return loop.is_silence_expected()
    except Exception:
        # This thread must go on: nothing else checks the process.
        log.exception("heartbeat_check_failed", loop=loop.name)
        return False


def _end(loop: WatchedLoop) -> None:
    try:
        frame = sys._current_frames()[threading.main_thread().ident or 0]  # noqa: SLF001 - public by its documentation
        stack = "".join(traceback.format_stack(frame))
        log.error("process_ends_itself", loop=loop.name, heartbeat_age=loop.age, stack=stack)
    finally:
        # The loop may hang, so do not wait for it.
        os._exit(os.EX_SOFTWARE)


class _Handler(BaseHTTPRequestHandler):
    timeout = 5

    def do_GET(self) -> None:
        """Answer /healthz/live (the process answers), /healthz (its loops work) and /metrics."""
        if self.path == "/healthz/live":
            self._answer(200, b"ok\n")
        elif self.path == "/healthz":
            found = stale_loops()
            self._answer(503 if found else 200, "".join(f"{line}\n" for line in found or ["ok"]).encode())
        elif self.path == "/metrics":
            try:
                self._answer(200, generate_latest(), CONTENT_TYPE_LATEST)
            finally:
                # This thread's own connections, opened by gauges that read the database.
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
    """Serve /healthz and /metrics on this port, in a thread. Raises OSError if the port is taken."""
    server = _Server(("", port), _Handler)
    threading.Thread(target=server.serve_forever, name="healthz", daemon=True).start()
    return server
