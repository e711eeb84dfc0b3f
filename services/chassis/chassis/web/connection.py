"""gunicorn's thread worker: a connection's state, problem documents for bad requests, lingering close."""

from __future__ import annotations

import json
import mmap
import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

from chassis.errors import MEDIA_TYPE, problem_document

# Seconds to read on, and drop, from a sender that was refused: closed at once, it would not see the answer.
LINGER = 2
# One recv: few calls for a large body, since each waits for the interpreter's lock.
READ_SIZE = 256 * 1024


def write_problem(sock: socket.socket, status: int, reason: str, message: str) -> None:
    """Answer what gunicorn itself refuses (400, 414, 431) with a problem document instead of a page.

    `message` repeats what the client sent; it is in the log and left out here.
    """
    util.write_nonblock(sock, problem_answer(status, reason, reason.lower().replace(" ", "_"), reason))


def problem_answer(status: int, phrase: str, code: str, title: str, headers: str = "") -> bytes:
    """Return a whole HTTP response with a problem document, after which the connection closes."""
    body = json.dumps(problem_document(status, code, title))
    return (
        f"HTTP/1.1 {status} {phrase}\r\nConnection: close\r\n{headers}"
        f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


# gunicorn has no setting for it, and looks the function up here for each answer.
util.write_error = write_problem


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """A connection, and what has arrived of its next request."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # The parser is made by the worker, for each request, of a head that is whole.
        self.initialized = True
        self.pipelined = b""
        self.clear()

    def clear(self) -> None:
        """Expect the next request."""
        self.head = bytearray()
        self.request: Any = None
        # Mapped while it is incomplete: it takes the memory of what has arrived, and gives all of it back.
        self.body: mmap.mmap | None = None
        self.received = 0
        self.size = 0
        self.window_began = time.monotonic()
        self.window_size = 0


class ClosingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker that closes connections in its event loop, after the other side has read the answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lingering: dict[Connection, float] = {}
        # Bytes of all requests that arrive, wait for a thread or are being answered.
        self.memory = 0
        self.next_notice = 0.0

    def notify(self) -> None:
        """Record for the arbiter that the loop turns: once a second, not for every request."""
        now = time.monotonic()
        if now >= self.next_notice:
            self.next_notice = now + 1
            super().notify()

    def release(self, conn: Connection) -> None:
        """Forget what arrived of a request."""
        self.memory -= conn.size
        if conn.body is not None:
            conn.body.close()
        conn.clear()

    def drop(self, conn: Connection) -> None:
        """Close now."""
        self.release(conn)
        self.nr_conns -= 1
        conn.close()

    def linger(self, conn: Connection) -> None:
        """Say that nothing more comes, and close once the other side has, or after LINGER seconds.

        gunicorn does the same where it waits for it, which here would be the event loop.
        """
        self.release(conn)
        try:
            conn.sock.setblocking(False)  # noqa: FBT003
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.discard, conn))
        except (OSError, ValueError):
            self.drop(conn)
        else:
            self.lingering[conn] = time.monotonic() + LINGER

    def discard(self, conn: Connection, sock: socket.socket) -> None:
        """Read what nobody wants; the end of it ends the connection."""
        try:
            if sock.recv(READ_SIZE):
                return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            pass
        self.stop_lingering(conn)

    def stop_lingering(self, conn: Connection) -> None:
        """Close what was refused or answered."""
        del self.lingering[conn]
        with suppress(KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self.drop(conn)

    def close_expired(self, now: float) -> None:
        """Close what has lingered for LINGER seconds."""
        for conn in [conn for conn, until in self.lingering.items() if now > until]:
            self.stop_lingering(conn)
