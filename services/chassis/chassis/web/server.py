"""gunicorn's thread worker, changed so that a slow sender occupies no thread.

gunicorn's own (gthread) reads a request in the thread that answers it: as many slow senders as there are
threads stop it. Here the event loop reads, and a thread is given a request whose head and body are in memory.
What arrives is bounded in rate and in all.
"""

from __future__ import annotations

import io
import mmap
import selectors
import socket
import struct
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import NoMoreData
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from chassis.web.connection import READ_SIZE, ClosingWorker, Connection, problem_answer

KIB, MIB = 1024, 1024 * 1024
# More than gunicorn takes of a request line and a usual head: what is larger it refuses with 414 or 431.
MAX_HEAD = 64 * KIB
# GitHub's largest delivery. The gateway allows less on every other path.
MAX_BODY = 25 * MIB
# Of all requests that arrive, wait for a thread or are being answered.
MAX_MEMORY = 64 * MIB
# Less than this many bytes a second, over a window of so many seconds, is too slow.
MIN_RATE, RATE_WINDOW = 16 * KIB, 30


class BufferingWorker(ClosingWorker):
    """Threads for requests that have arrived; the event loop for those that arrive."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arriving: set[Connection] = set()
        # Never less than one delivery needs.
        self.max_memory = max(MAX_BODY + MIB, MAX_MEMORY // self.cfg.workers)
        self.next_sweep = 0.0

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection and wait for its request without a thread."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError, InterruptedError):
            return
        self.nr_conns += 1
        # A thread that sends an answer gives up on a client that takes nothing for so long.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", RATE_WINDOW, 0))
        self.enqueue_req(Connection(self.cfg, client, address, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """Wait for the connection's next request, of which a part may have come with the last."""
        conn.clear()
        self.arriving.add(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_readable, conn))
        if conn.pipelined:
            pipelined, conn.pipelined = conn.pipelined, b""
            self.receive_head(conn, pipelined)

    def on_client_socket_readable(self, conn: Connection, sock: socket.socket) -> None:
        """Read the next request of a connection that was kept, at once: mostly all of it is there."""
        self.keepalived_conns.remove(conn)
        conn.clear()
        self.arriving.add(conn)
        self.poller.modify(sock, selectors.EVENT_READ, partial(self.on_readable, conn))
        self.on_readable(conn, sock)

    def on_readable(self, conn: Connection, sock: socket.socket) -> None:
        """Read what is there: of the head, or of the body into its place."""
        if conn not in self.arriving:
            # Refused by another event of the same round, after this one was selected.
            return
        try:
            if conn.body is None:
                data = sock.recv(MAX_HEAD)
                size = len(data)
            else:
                with memoryview(conn.body) as body, body[conn.received :] as rest:
                    size = sock.recv_into(rest, min(len(rest), READ_SIZE))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            size = 0
        if not size:
            self.stop_arriving(conn)
            self.drop(conn)
        elif conn.body is None:
            self.receive_head(conn, data)
        else:
            self.hold(conn, size)
            self.receive_body(conn, conn.body, size)

    def receive_head(self, conn: Connection, data: bytes) -> None:
        """Add to the head; once it is whole, begin with the body."""
        self.hold(conn, len(data))
        searched = max(0, len(conn.head) - 3)
        conn.head += data
        end = conn.head.find(b"\r\n\r\n", searched)
        if end < 0 and len(conn.head) <= MAX_HEAD:
            return
        begin = end + 4 if end >= 0 else len(conn.head)
        length = self.parse(conn, bytes(conn.head[:begin]))
        if length is None:
            return
        body, conn.pipelined = bytes(conn.head[begin : begin + length]), bytes(conn.head[begin + length :])
        # They are counted with the request that they belong to.
        self.hold(conn, -len(conn.pipelined))
        if len(body) == length:
            self.answer(conn, body)
        else:
            conn.body = mmap.mmap(-1, length, flags=mmap.MAP_PRIVATE)
            conn.body[: len(body)] = body
            self.receive_body(conn, conn.body, len(body))

    def receive_body(self, conn: Connection, body: mmap.mmap, size: int) -> None:
        """Count `size` bytes more of the body; once it is whole, have the request answered."""
        conn.received += size
        if conn.received < len(body):
            self.refuse_largest()
            return
        whole = body[:]
        body.close()
        conn.body = None
        self.answer(conn, whole)

    def answer(self, conn: Connection, body: bytes) -> None:
        """Give a whole request to a thread."""
        # Who reads all of it at once gets these very bytes and no copy.
        conn.request.body = io.BytesIO(body)
        conn.parser = iter((conn.request,))
        self.stop_arriving(conn)
        super().enqueue_req(conn)

    def parse(self, conn: Connection, head: bytes) -> int | None:
        """Make a request of a head. Return its body's length, or None if the request was refused."""
        try:
            request = next(RequestParser(self.cfg, (head,), conn.client))
        except (NoMoreData, StopIteration):
            self.stop_arriving(conn)
            self.drop(conn)
            return None
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a head, the loop goes on
            self.stop_arriving(conn)
            self.handle_error(None, conn.sock, conn.client, error)
            self.linger(conn)
            return None
        if isinstance(request.body.reader, ChunkedReader):
            self.refuse(conn, HTTPStatus.LENGTH_REQUIRED, "length_required", "Say how long the body is.")
            return None
        length = next((int(value) for name, value in request.headers if name == "CONTENT-LENGTH"), 0)
        if length > MAX_BODY:
            title = "The body is larger than this path takes."
            self.refuse(conn, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", title)
            return None
        conn.request = request
        if request._expected_100_continue:  # noqa: SLF001
            # gunicorn says it when it is answered, which a sender that waits for it would not live to see.
            request._expected_100_continue = False  # noqa: SLF001
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return length

    def hold(self, conn: Connection, size: int) -> None:
        """Count `size` bytes more for this connection."""
        conn.size += size
        self.memory += size
        conn.window_size += size
        if conn.window_size >= MIN_RATE * RATE_WINDOW:
            conn.window_began, conn.window_size = time.monotonic(), 0

    def refuse_largest(self) -> None:
        """Refuse the largest of what arrives until the rest fits: a form never gives way to an upload."""
        while self.memory > self.max_memory and self.arriving:
            title = "Too much is arriving at once. Try again in a moment."
            largest = max(self.arriving, key=lambda conn: conn.size)
            self.refuse(largest, HTTPStatus.SERVICE_UNAVAILABLE, "busy", title)

    def cut_slow(self, now: float) -> None:
        """Refuse clients that sent less than the minimum in a window."""
        for conn in list(self.arriving):
            if conn.size and now > conn.window_began + RATE_WINDOW:
                title = "The request arrived too slowly. Try again."
                self.refuse(conn, HTTPStatus.REQUEST_TIMEOUT, "too_slow", title)
            elif (
                now > conn.window_began + (RATE_WINDOW if self.alive else STOP_KEEPALIVE_LINGER)
                and not conn.size
            ):
                # Nothing has come yet: nothing was asked that could be answered.
                self.stop_arriving(conn)
                self.drop(conn)

    def refuse(self, conn: Connection, status: HTTPStatus, code: str, title: str) -> None:
        """Answer what has not arrived whole, and close."""
        self.stop_arriving(conn)
        self.release(conn)
        self.log.warning("refused %s: %s", conn.client[0] if conn.client else "", code)
        retry = "Retry-After: 5\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else ""
        with suppress(OSError):
            conn.sock.send(problem_answer(status.value, status.phrase, code, title, retry))
        self.linger(conn)

    def stop_arriving(self, conn: Connection) -> None:
        """Read no more of it in the loop."""
        self.arriving.discard(conn)
        with suppress(KeyError, ValueError):
            self.poller.unregister(conn.sock)

    def murder_pending(self) -> None:
        """Look at what takes too long; the loop calls this at least once a second."""
        super().murder_pending()
        now = time.monotonic()
        if now < self.next_sweep:
            return
        self.next_sweep = now + 1
        self.cut_slow(now)
        self.close_expired(now)

    def _keepalive_after(self, conn: Connection, keepalive: Any) -> bool:
        """Return True if the connection can be used again. Its body was read before it was answered."""
        return bool(keepalive)

    def finish_request(self, conn: Connection, future: Any) -> None:
        """Keep the connection for its next request, or close it."""
        self.release(conn)
        if future.cancelled() or future.exception() or not future.result():
            self.linger(conn)
            return
        conn.sock.setblocking(False)  # noqa: FBT003
        if conn.pipelined:
            self.enqueue_req(conn)
            return
        conn.set_timeout()
        if not self.alive:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        self.keepalived_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))
