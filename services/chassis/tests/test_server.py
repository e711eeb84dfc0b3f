"""The web server itself: a real gunicorn with our worker, before an application that only echoes."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

THREADS = 2
# Seconds of the window in which a request has to progress: where that is what is tested, and where it is not.
HASTY, PATIENT = 5, 60
# Bounds small enough that a test reaches them. gunicorn runs its configuration before it starts the worker.
CONFIGURATION = """
import chassis.web.server as server
server.RATE_WINDOW, server.MAX_MEMORY, server.MAX_BODY = {window}, 4 * server.MIB, 3 * server.MIB
"""
APPLICATION = """
import json, os, time

def application(environ, start_response):
    path = environ["PATH_INFO"]
    body = b"" if path == "/unread" else environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if path == "/large":
        start_response("200 OK", [("Content-Length", str(100 * 2**20))])
        return (b"a" * 2**20 for _ in range(100))
    if path == "/slow":
        time.sleep(1)
    answer = json.dumps({"path": path, "size": len(body), "sum": sum(body), "pid": os.getpid()}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
"""
MIB = 1024 * 1024


class Server:
    """A running one. Every socket that a test opens is closed with it."""

    def __init__(self, folder: Path, ending: ExitStack, *, window: int) -> None:
        self.ending = ending
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        (folder / "echoing.py").write_text(APPLICATION)
        (folder / "small.py").write_text(CONFIGURATION.format(window=window))
        self.log = folder / "log"
        log = ending.enter_context(self.log.open("wb"))
        words = [
            "--config=small.py",
            "--worker-class=chassis.web.server.BufferingWorker",
            "--no-control-socket",
        ]
        words += [f"--threads={THREADS}", "--keep-alive=100", f"--bind=127.0.0.1:{self.port}"]
        # In its folder: pytest's own arguments and gunicorn.conf.py are not its business.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "echoing:application", *words],
            cwd=folder, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        ending.callback(self.process.wait, 40)
        ending.callback(self.process.kill)
        until = time.monotonic() + 30
        while True:
            try:
                self.connect().close()
                break
            except OSError:
                assert time.monotonic() < until, self.log.read_text()
                time.sleep(0.05)

    def connect(self) -> socket.socket:
        """A connection on which nothing waits for ever."""
        return self.ending.enter_context(closing(socket.create_connection(("127.0.0.1", self.port), 30)))

    def begin(self, size: int, *, sent: int, path: str = "/") -> socket.socket:
        """A request of that size of which only so much is sent."""
        connection = self.connect()
        connection.sendall(
            b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (path.encode(), size)
        )
        connection.sendall(b"a" * sent)
        return connection


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer; status 0 where the other side closed without one."""
    # Unbuffered: a buffer would take a part of the answer after this one, and be thrown away with it.
    file = connection.makefile("rb", buffering=0)
    status = file.readline()
    headers = dict(
        line.decode().strip().lower().split(": ", 1) for line in iter(file.readline, b"\r\n") if line.strip()
    )
    length, body = int(headers.get("content-length", 0)), b""
    while part := file.read(length - len(body)):
        body += part
    return int(status.split()[1]) if status else 0, headers, body


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with ExitStack() as ending:
        yield Server(tmp_path, ending, window=PATIENT)


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Server]:
    with ExitStack() as ending:
        yield Server(tmp_path, ending, window=HASTY)


def echoed(server: Server, size: int = 3) -> None:
    """Another request is answered."""
    status, _, body = answer(server.begin(size, sent=size))
    assert (status, json.loads(body)["size"], json.loads(body)["sum"]) == (200, size, size * ord("a"))


@pytest.mark.parametrize("sent", [0, 100, MIB])
def test_senders_of_half_a_body_occupy_no_thread(server: Server, sent: int) -> None:
    slow = [server.begin(MIB + 1, sent=sent) for _ in range(3)]
    echoed(server)
    slow[0].sendall(b"a" * (MIB + 1 - sent))
    assert answer(slow[0])[0] == 200


def test_senders_of_half_a_head_occupy_no_thread(server: Server) -> None:
    for _ in range(10):
        server.connect().sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-Half")
    echoed(server)


def test_a_head_in_many_pieces_is_one_head(server: Server) -> None:
    connection = server.connect()
    for piece in (b"POST / HTTP/1.1\r\nHo", b"st: x\r\nContent-Length: 4\r", b"\n\r", b"\naa", b"aa"):
        connection.sendall(piece)
        time.sleep(0.05)
    assert json.loads(answer(connection)[2])["size"] == 4


def test_a_slow_sender_is_cut(hasty: Server) -> None:
    connection = hasty.begin(MIB, sent=1000)
    status, headers, body = answer(connection)
    assert (status, headers["connection"], headers["content-type"]) == (
        408,
        "close",
        "application/problem+json",
    )
    assert json.loads(body)["code"] == "too_slow"
    assert connection.recv(1) == b""


def test_who_sends_nothing_at_all_is_let_go_without_an_answer(hasty: Server) -> None:
    assert hasty.connect().recv(1) == b""


def test_a_long_upload_at_a_decent_rate_is_not_cut(hasty: Server) -> None:
    pieces, size = 16, 128 * 1024
    connection = hasty.begin(pieces * size, sent=0)
    for _ in range(pieces):
        connection.sendall(b"a" * size)
        time.sleep(0.4)
    assert json.loads(answer(connection)[2])["size"] == pieces * size


def test_beyond_the_memory_for_bodies_the_largest_gives_way(server: Server) -> None:
    small = server.begin(1000, sent=500)
    waiting = [server.begin(3 * MIB, sent=2 * MIB + MIB // 2) for _ in range(4)]
    # One of them fits.
    while len(waiting) > 1:
        refused, _, _ = select.select(waiting, [], [], 30)
        assert refused, f"{len(waiting)} bodies are held, which together exceed the memory"
        for connection in refused:
            assert answer(connection)[0] == 503
            waiting.remove(connection)
    small.sendall(b"a" * 500)
    assert answer(small)[0] == 200
    assert select.select(waiting, [], [], 0) == ([], [], [])
    waiting[0].sendall(b"a" * (MIB // 2))
    assert answer(waiting[0])[0] == 200


def test_what_was_refused_frees_its_memory(hasty: Server) -> None:
    for _ in range(2):
        assert answer(hasty.begin(3 * MIB, sent=2 * MIB))[0] == 408
    echoed(hasty, 3 * MIB)


def test_a_body_that_is_too_large_is_refused_by_its_head(server: Server) -> None:
    status, _, body = answer(server.begin(3 * MIB + 1, sent=MIB))
    assert (status, json.loads(body)["code"]) == (413, "body_too_large")


def test_a_body_without_a_length_is_refused(server: Server) -> None:
    connection = server.connect()
    connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
    assert answer(connection)[0] == 411


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ],
)
def test_a_wrong_head_is_refused_and_the_rest_goes_on(server: Server, head: bytes, status: int) -> None:
    connection = server.connect()
    connection.sendall(head)
    assert answer(connection)[0] == status
    echoed(server)


def test_a_connection_is_used_again_whatever_was_read_of_its_body(server: Server) -> None:
    connection = server.begin(MIB, sent=MIB, path="/unread")
    assert answer(connection)[0] == 200
    connection.sendall(b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n")
    assert json.loads(answer(connection)[2])["path"] == "/next"


def test_requests_that_come_together_are_answered_in_order(server: Server) -> None:
    connection = server.connect()
    first = b"POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\naa"
    connection.sendall(first + b"GET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost:")
    assert json.loads(answer(connection)[2])["path"] == "/1"
    assert json.loads(answer(connection)[2])["path"] == "/2"
    connection.sendall(b" x\r\n\r\n")
    assert json.loads(answer(connection)[2])["path"] == "/3"


def test_who_asks_first_is_told_to_go_on(server: Server) -> None:
    connection = server.connect()
    connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(b"aa")
    assert answer(connection)[0] == 200


def test_who_does_not_close_after_the_answer_holds_nobody_up(server: Server) -> None:
    # gunicorn's own waits up to two seconds for each: together longer than a connection of this test waits.
    for _ in range(100):
        server.connect().sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    echoed(server)


def test_who_does_not_read_the_answer_is_given_up(hasty: Server) -> None:
    for _ in range(THREADS):
        hasty.connect().sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    echoed(hasty)


def test_told_to_end_it_finishes_what_has_come_and_drops_what_has_not(server: Server) -> None:
    idle, working = server.connect(), server.begin(3, sent=3, path="/slow")
    half = server.begin(MIB, sent=10)
    echoed(server)
    os.kill(server.process.pid, signal.SIGTERM)
    assert answer(working)[0] == 200
    half.sendall(b"a" * (MIB - 10))
    assert answer(half)[0] == 200
    assert idle.recv(1) == b""
    assert server.process.wait(40) == 0
