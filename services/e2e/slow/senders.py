"""Slow clients: a part of each body at once, then single bytes.

`attack` runs them against a gateway and sends other requests meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

MIB = 1024 * 1024
BLOCK = b"a" * 65536
# Seconds between two bytes: slow, but with progress.
DRIP_SECONDS = 3
# Seconds for a response.
ANSWERED = 45
ROUTES = Path(__file__).resolve().parents[2] / "contracts/routes.json"


@dataclass(frozen=True)
class Body:
    """A request body: path, declared size, and size of the first part."""

    path: str
    size: int
    at_once: int


@dataclass(frozen=True)
class Question:
    """A regular request during the attack."""

    path: str
    method: str = "GET"
    body: bytes = b""


@dataclass
class Report:
    """How the slow clients ended, and the other responses: (path, status or 0, seconds, error)."""

    ends: Counter[str] = field(default_factory=Counter)
    answers: list[tuple[str, int, float, str]] = field(default_factory=list)

    def assert_answered(self, *, at_least: int) -> None:
        """Fail unless every other request got a response below 500."""
        print(self)
        failed = [answer for answer in self.answers if not 0 < answer[1] < 500]
        assert not failed, failed[:10]
        assert len(self.answers) >= at_least

    def __str__(self) -> str:
        times = sorted(took for _, _, took, _ in self.answers) or [0.0]
        ends = ", ".join(f"{end}: {count}" for end, count in sorted(self.ends.items()))
        return (
            f"senders: {ends}; {len(self.answers)} others asked,"
            f" median {times[len(times) // 2] * 1000:.0f} ms, longest {times[-1] * 1000:.0f} ms"
        )


# A page and an API request of each service, and small writes.
QUESTIONS = (
    Question("/accounts/login/"),
    Question("/cohorts/"),
    Question("/notifications/"),
    Question("/.well-known/jwks.json"),
    Question("/hooks/github/00000000-0000-0000-0000-000000000000", "POST", b"{}"),
    Question("/api/v1/notification/inbox", "PATCH", b"{}"),
)


def forms(each: int) -> list[Body]:
    """Return bodies of the maximum form size for every public path."""
    table = json.loads(ROUTES.read_text(encoding="utf-8"))
    paths = [route["path"].replace("*", "00000000-0000-0000-0000-000000000000") for route in table["routes"]]
    return [Body(path, MIB - 1, 600_000) for path in paths for _ in range(each)]


def deliveries(count: int) -> list[Body]:
    """Return webhook bodies of 25 MiB of which 24 MiB are sent."""
    path = "/hooks/github/00000000-0000-0000-0000-000000000000"
    return [Body(path, 25 * MIB, 24 * MIB)] * count


def attack(url: str, bodies: Iterable[Body], *, seconds: float, tls: ssl.SSLContext | None = None) -> Report:
    """Send the bodies for some seconds, and two of QUESTIONS per second meanwhile."""
    # In a thread of its own: after a browser test this thread has a running loop.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _attack(url, list(bodies), seconds, tls)).result()


async def _attack(url: str, bodies: list[Body], seconds: float, tls: ssl.SSLContext | None) -> Report:
    report = Report()
    until = time.monotonic() + seconds
    senders = [asyncio.create_task(_send(url, body, until, tls)) for body in bodies]
    number = 0
    async with asyncio.TaskGroup() as group:
        while time.monotonic() < until:
            # On schedule, without waiting for the last response.
            group.create_task(_ask(url, QUESTIONS[number % len(QUESTIONS)], report, tls))
            number += 1
            await asyncio.sleep(0.5)
    report.ends.update(await asyncio.gather(*senders))
    return report


async def _open(url: str, tls: ssl.SSLContext | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    # *.localhost is this machine (RFC 6761), which a C library may not know.
    place = "127.0.0.1" if host.endswith(".localhost") else host
    port = parts.port or (443 if tls else 80)
    return await asyncio.open_connection(place, port, ssl=tls, server_hostname=host if tls else None)


def _head(url: str, method: str, path: str, size: int, *more: str) -> bytes:
    host = urlsplit(url).netloc
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {size}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


async def _send(url: str, body: Body, until: float, tls: ssl.SSLContext | None) -> str:
    """Return how it ended: the response status, `closed`, or `held` if it was never interrupted."""
    try:
        reader, writer = await _open(url, tls)
    except OSError:
        return "refused"
    # Django reads the body of a form to check its CSRF token.
    form = ("Content-Type: application/x-www-form-urlencoded", f"Cookie: csrftoken={'a' * 32}")
    answer = asyncio.create_task(reader.readline())
    try:
        writer.write(_head(url, "POST", body.path, body.size, *form))
        left = body.at_once
        while left > 0 and not answer.done() and time.monotonic() < until:
            writer.write(BLOCK[:left])
            left -= len(BLOCK)
            # Until it is sent, the response arrives, or the server stops reading.
            drain = asyncio.ensure_future(writer.drain())
            await asyncio.wait({drain, answer}, timeout=5, return_when=asyncio.FIRST_COMPLETED)
            drain.cancel()
        while not answer.done() and time.monotonic() < until:
            await asyncio.wait({answer}, timeout=DRIP_SECONDS)
            writer.write(b"a")
        if not answer.done():
            return "held"
        line = answer.result().split()
        return line[1].decode() if len(line) > 1 else "closed"
    except OSError:
        return "closed"
    finally:
        answer.cancel()
        writer.transport.abort()
        with suppress(asyncio.CancelledError, OSError):
            await answer


async def _ask(url: str, question: Question, report: Report, tls: ssl.SSLContext | None) -> None:
    began = time.monotonic()
    status, why = 0, ""
    writer = None
    try:
        async with asyncio.timeout(ANSWERED):
            reader, writer = await _open(url, tls)
            head = _head(url, question.method, question.path, len(question.body), "Connection: close")
            writer.write(head + question.body)
            status = int((await reader.readline()).split()[1])
            await reader.read()
    except (OSError, TimeoutError, IndexError, ValueError) as error:
        why = repr(error)
    finally:
        if writer:
            writer.transport.abort()
    report.answers.append((question.path, status, time.monotonic() - began, why))
