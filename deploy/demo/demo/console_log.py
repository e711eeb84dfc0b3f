"""One readable log of all processes: time, process and a short text per line."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from demo.terminal import WriteTimeout, write

_GUNICORN = re.compile(r"\[\d{4}-[^\]]+\] \[\d+\] \[(?P<level>[A-Z]+)\] (?P<text>.*)")
_REDIS = re.compile(r"\d+:[A-Z] \d\d \w{3} \d{4} [\d:.]+ [-.*#] (?P<text>.*)")
_REDIS_SIGNAL = re.compile(r"\d+:signal-handler \(\d+\) ")
# Redis logs its start as a warning.
_ERROR = re.compile(r"(?!WARNING).*(?i:error|fail|fatal|denied|can't|cannot)")
# Messages of every start and stop. Readiness is logged in one line per process.
_ROUTINE = re.compile(
    r"admin endpoint disabled|exiting; byeee"  # Caddy
    r"|Starting gunicorn|Listening at:|Using worker:|Booting worker"
    r"|Worker exiting|Handling signal: term|Shutting down: Master"
    r"|Connected to redis|\S+@\S+ ready\.|worker: Warm shutdown|Task \S+ received"
    r"|Task (?:consume|acknowledge)_event\S* succeeded"
    r"|beat: Starting|relay_started"
    r"|Not Found: "  # Django; the access log has it as well
)
# Requests for static files and health checks.
_NOISE = re.compile(r"(?:GET|HEAD) /(?:static/\S* (?:200|304)|healthz/\S* 200|\S*/badge/ 200) ")
# Fields that the line shows already, or that do not matter here.
_OMITTED_FIELDS = {
    "event",
    "msg",
    "message",
    "level",
    "timestamp",
    "ts",
    "service",
    "logger",
    "exception",
    "stack",
}
_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_LEVELS = {"warning": "WARNING", "warn": "WARNING", "error": "ERROR", "critical": "ERROR", "fatal": "ERROR"}


def format_line(line: str) -> list[str]:
    """Return the lines to show for a line of output: none for noise, several for a traceback."""
    line = line.rstrip()
    if line.startswith("{"):
        try:
            return _from_json(json.loads(line))
        except ValueError:
            return [line]
    if found := _GUNICORN.fullmatch(line):
        return [] if _ROUTINE.match(found["text"]) else [_with_level(found["level"], found["text"])]
    if found := _REDIS.fullmatch(line):
        return [_with_level("error", found["text"])] if _ERROR.match(found["text"]) else []
    quiet = not line or _NOISE.match(line) or _ROUTINE.match(line) or _REDIS_SIGNAL.match(line)
    return [] if quiet else [line]


def _from_json(entry: dict[str, Any]) -> list[str]:
    message = str(entry.get("event") or entry.get("msg") or entry.get("message") or "")
    request = entry.get("request")
    if isinstance(request, dict):  # Caddy logs the whole request
        return [
            _with_level(
                str(entry.get("level", "")), f"{request.get('method')} {request.get('uri')}: {message}"
            )
        ]
    if _ROUTINE.match(message) or _NOISE.match(message):
        return []
    others = " ".join(
        f"{name}={value}" for name, value in entry.items() if name not in _OMITTED_FIELDS and value != ""
    )
    shown = _with_level(str(entry.get("level", "")), f"{message}  {others}".strip())
    trace = str(entry.get("exception") or entry.get("stack") or "")
    return [*shown.splitlines(), *(f"  {part}" for part in trace.splitlines())]


def _with_level(level: str, text: str) -> str:
    label = _LEVELS.get(level.lower())
    return f"{label} {text}" if label else text


class Log:
    """Writes the processes' output to a terminal. `on_closed` is called when it is closed."""

    def __init__(self, names: list[str], *, to: int = 1) -> None:
        self.on_closed: Callable[[], None] = lambda: None
        self._to = to
        self._closed = False
        self._dropped = 0
        self._width = max(map(len, names), default=0)
        self._partial: dict[str, bytes] = {}
        colourful = os.isatty(to) and "NO_COLOR" not in os.environ
        self._plain = "\033[0m" if colourful else ""
        self._colours = {
            name: f"\033[{_COLOURS[number % len(_COLOURS)]}m" if colourful else ""
            for number, name in enumerate(names)
        }

    def write_output(self, name: str, data: bytes) -> list[str]:
        """Write the output of a process; return its complete lines, unformatted."""
        *whole, rest = (self._partial.pop(name, b"") + data).split(b"\n")
        if rest:
            self._partial[name] = rest
        lines = [line.decode("utf-8", "replace") for line in whole]
        for line in lines:
            for shown in format_line(line):
                self.write_line(name, shown)
        return lines

    def flush(self, name: str) -> None:
        """Write the last line of a process that ended without a newline."""
        if name in self._partial:
            self.write_output(name, b"\n")

    def write_line(self, name: str, text: str) -> None:
        """Write one line of a process."""
        now = datetime.now().astimezone()
        self.write(f"{now:%H:%M:%S}  {self._colours.get(name, '')}{name:<{self._width}}{self._plain}  {text}")

    def write(self, text: str) -> None:
        """Write the text. Drop and count it if the reader does not read in time."""
        if self._closed:
            return
        if self._dropped:
            text = f"({self._dropped} lines are only in var/log)\n{text}"
        try:
            write(self._to, f"{text}\n")
            self._dropped = 0
        except WriteTimeout:
            self._dropped += 1
        except OSError:  # the terminal or pipe is closed
            self._closed = True
            self.on_closed()
