"""The combined log."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress

import pytest
from demo.console_log import Log, format_line


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"event": "started", "with_beat": true, "level": "info"}', ["started  with_beat=True"]),
        ('{"event": "relay_failed", "level": "warning", "service": "study"}', ["WARNING relay_failed"]),
        ('{"msg": "boom", "level": "fatal", "stack": "T:\\n  x"}', ["ERROR boom", "  T:", "    x"]),
        ('{"event": "조인", "level": "info", "logger": "a"}', ["조인"]),
        ("{not json", ["{not json"]),
        ("[2026-11-24 00:00:00 +0000] [12] [INFO] Listening at: x", []),
        ("[2026-11-24 00:00:00 +0000] [12] [ERROR] Worker died", ["ERROR Worker died"]),
        ("12:M 24 Nov 2026 00:59:02.123 * Ready to accept connections", []),
        ("12:M 24 Nov 2026 00:59:02.123 # WARNING Memory overcommit must be enabled!", []),
        ("12:M 24 Nov 2026 00:59:02.123 # Fatal error loading the DB", ["ERROR Fatal error loading the DB"]),
        ("GET /cohorts/ 200 12ms", ["GET /cohorts/ 200 12ms"]),
        ("GET /static/study/a.css 200 1ms", []),
        ("GET /static/study/a.css 404 1ms", ["GET /static/study/a.css 404 1ms"]),
        ("GET /healthz/ready 200 1ms", []),
        ("GET /healthz/ready 500 1ms", ["GET /healthz/ready 500 1ms"]),
        ("", []),
        ("plain", ["plain"]),
    ],
)  # fmt: skip
def test_a_line_is_shown_in_few_words(line: str, shown: list[str]) -> None:
    assert format_line(line) == shown


def test_the_gateway_says_which_request_failed() -> None:
    entry = {
        "level": "error",
        "ts": 1.5,
        "logger": "http.log.error",
        "msg": "dial tcp 127.0.0.1:8002: connect: connection refused",
        "request": {"method": "GET", "uri": "/missions/", "headers": {"Cookie": ["REDACTED"]}},
        "status": 502,
    }
    assert format_line(json.dumps(entry)) == [
        "ERROR GET /missions/: dial tcp 127.0.0.1:8002: connect: connection refused"
    ]


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Return a pipe: the read end and the write end."""
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


def test_halves_of_lines_are_put_together_and_the_last_words_are_not_lost(pipe: tuple[int, int]) -> None:
    log = Log(["web", "worker"], to=pipe[1])
    assert log.write_output("web", "하나\n두".encode()[:-1]) == ["하나"]
    assert log.write_output("worker", b"other\n") == ["other"]
    assert log.write_output("web", "두".encode()[-1:] + b"\n") == ["두"]
    log.write_output("web", b"last")
    log.flush("web")
    shown = [line[10:] for line in os.read(pipe[0], 4096).decode().splitlines()]
    assert shown == ["web     하나", "worker  other", "web     두", "web     last"]


def test_when_nobody_can_read_the_demo_is_told_once(pipe: tuple[int, int]) -> None:
    load_accounts: list[int] = []
    log = Log(["web"], to=pipe[1])
    log.on_closed = lambda: load_accounts.append(1)
    os.close(pipe[0])
    log.write_line("web", "a")
    log.write_line("web", "b")
    assert load_accounts == [1]


def test_a_reader_that_does_not_read_holds_nothing_up(pipe: tuple[int, int]) -> None:
    log = Log(["web"], to=pipe[1])
    for _ in range(500):
        log.write_line("web", "x" * 1000)
    unread = len(os.read(pipe[0], 1 << 20))
    assert unread < 500 * 1000
    log.write_line("web", "again")
    assert "lines are only in var/log" in os.read(pipe[0], 1 << 20).decode()
