"""The readable log of all processes: a short text per line of their log files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

_GUNICORN = re.compile(r"\[\d{4}-[^\]]+\] \[\d+\] \[(?P<level>[A-Z]+)\] ")
_REDIS = re.compile(r"\d+:[A-Z] \d\d \w{3} \d{4} [\d:.]+ [-.*#] |\d+:signal-handler \(\d+\) ")
# Redis logs its start as a warning.
_REDIS_ERROR = re.compile(r"(?!WARNING).*(?i:error|fail|fatal|denied|can't|cannot)")
# Messages of every start and stop, static files and health checks. Readiness is said in one line per process.
_QUIET = re.compile(
    r"admin endpoint disabled|HTTP/2 skipped|exiting; byeee"  # Caddy
    r"|takes mail on"
    r"|Starting gunicorn|Listening at:|Using worker:|Booting worker"
    r"|Worker exiting|Handling signal: term|Shutting down: Master"
    r"|Connected to redis|\S+@\S+ ready\.|worker: Warm shutdown|Task \S+ received"
    r"|Task (?:consume|acknowledge)_event\S* succeeded|beat: Starting|relay_started"
    r"|Not Found: "  # Django; the access log has it as well
    r"|(?:GET|HEAD) /(?:static/\S* (?:200|304)|healthz/\S* 200|\S*/badge/ 200) "
)
# Fields that the line shows already, or that do not matter here.
_OMITTED = frozenset(
    ("event", "msg", "message", "level", "timestamp", "ts", "service", "logger", "exception", "stack")
)
_LEVELS = {
    **dict.fromkeys(("warning", "warn"), "WARNING "),
    **dict.fromkeys(("error", "critical", "fatal"), "ERROR "),
}


def format_line(line: str) -> list[str]:
    """Return the lines to show for a line of output: none for noise, several for a traceback."""
    text, level = line.rstrip(), ""
    if text.startswith("{"):
        with suppress(ValueError):
            return _from_json(json.loads(text))
    if found := _GUNICORN.match(text):
        text, level = text[found.end() :], found["level"]
    elif found := _REDIS.match(text):
        text, level = text[found.end() :], "error"
        if not _REDIS_ERROR.match(text):
            return []
    return [] if not text or _QUIET.match(text) else [_LEVELS.get(level.lower(), "") + text]


def setup_link(line: str) -> str | None:
    """Return the link to the set-up if the line says that nobody owns the installation yet."""
    if "nobody_owns_this_installation" not in line:
        return None
    with suppress(ValueError):
        entry: dict[str, str] = json.loads(line)
        return entry.get("visit")
    return None


def _from_json(entry: dict[str, Any]) -> list[str]:
    level = _LEVELS.get(str(entry.get("level", "")).lower(), "")
    message = str(entry.get("event") or entry.get("msg") or entry.get("message") or "")
    request = entry.get("request")
    if isinstance(request, dict):  # Caddy logs the whole request
        return [f"{level}{request.get('method')} {request.get('uri')}: {message}"]
    if _QUIET.match(message):
        return []
    others = (f"{name}={value}" for name, value in entry.items() if name not in _OMITTED and value != "")
    trace = str(entry.get("exception") or entry.get("stack") or "")
    shown = level + f"{message}  {' '.join(others)}".strip()
    return [*shown.splitlines(), *(f"  {part}" for part in trace.splitlines())]


class LogFile:
    """A log file, followed from its present end and over its rotations."""

    def __init__(self, path: Path) -> None:
        self._path, self._partial = path, b""
        self._file = os.open(path, os.O_RDONLY | os.O_CREAT, mode=0o600)
        os.lseek(self._file, 0, os.SEEK_END)

    def read_lines(self) -> Iterator[str]:
        """Return the complete lines that are new."""
        with suppress(FileNotFoundError):  # it is being renamed
            if not os.path.samestat(self._path.stat(), os.fstat(self._file)):
                yield from self._read()
                os.close(self._file)
                self._file = os.open(self._path, os.O_RDONLY)
        yield from self._read()

    def _read(self) -> Iterator[str]:
        while data := os.read(self._file, 1 << 20):
            *lines, self._partial = (self._partial + data).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in lines)
