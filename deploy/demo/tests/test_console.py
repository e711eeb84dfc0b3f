"""The readable log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from demo.console import LogFile, format_line


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


def test_a_log_is_followed_from_its_end_and_over_its_rotations(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    path.write_text("earlier\n")
    log = LogFile(path)
    with path.open("ab") as file:
        file.write("하나\n두".encode()[:-1])
        file.flush()
        assert list(log.read_lines()) == ["하나"]
        file.write("두".encode()[-1:] + b"\nlast of the old\n")
    path.rename(tmp_path / "web.log.1")
    assert list(log.read_lines()) == ["두", "last of the old"]
    path.write_text("first of the new\n")
    assert list(log.read_lines()) == ["first of the new"]
    assert list(log.read_lines()) == []
