"""Requests through the Gateway at a steady rate, with a record of all responses and accepted writes."""

from __future__ import annotations

import http.client
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from cluster.scenario import GatewayClient, Scenario

# The load ends by itself after this many seconds.
MAX_SECONDS = 1200
THREADS = 10
WIDTHS = (6, 10, 7, 6, 8, 8, 8, 8)


class Sample(NamedTuple):
    """A request: start, duration, status (0: no response), and step or error."""

    at: float
    took: float
    status: int
    what: str


Step = Callable[["LoadThread"], tuple[int, bytes]]


class LoadThread(threading.Thread):
    """Sends requests over one connection."""

    def __init__(self, traffic: Traffic, number: int) -> None:
        super().__init__(daemon=True, name=f"hand-{number}")
        self.traffic, self.number = traffic, number
        self.operator, self.reader = (
            GatewayClient(traffic.scenario.operator),
            GatewayClient(traffic.scenario.reader),
        )
        self.count = 0

    def run(self) -> None:
        """Run the steps on schedule; late ones are not skipped."""
        every = THREADS / self.traffic.rate
        begin = time.monotonic() + every * self.number / THREADS
        while not self.traffic.over.is_set() and time.monotonic() < self.traffic.began + MAX_SECONDS:
            self.traffic.over.wait(max(0.0, begin + every * self.count - time.monotonic()))
            step = self.traffic.steps[self.count % len(self.traffic.steps)]
            self.count += 1
            began = time.monotonic()
            try:
                status, text = step(self)
            except (OSError, http.client.HTTPException) as error:
                status, text = 0, repr(error).encode()
            what = step.__name__ if 200 <= status < 300 else f"{step.__name__}: {text[:200]!r}"
            self.traffic.seen.append(Sample(began, time.monotonic() - began, status, what))


def announce(thread: LoadThread) -> tuple[int, bytes]:
    """Publish an announcement; record it if it was accepted."""
    title = f"{thread.traffic.name} {thread.number} {thread.count}"
    body = {"title": title, "body": "…"}
    status, text = thread.operator.ask("study", "POST", thread.traffic.scenario.announcements, body)
    if 200 <= status < 300:
        thread.traffic.written.append(title)
    return status, text


def renew_operator(thread: LoadThread) -> tuple[int, bytes]:
    """Renew the operator's token for study."""
    return thread.operator.renew("study")


def renew_reader(thread: LoadThread) -> tuple[int, bytes]:
    """Renew the reader's token for notification."""
    return thread.reader.renew("notification")


def look_at_cohort(thread: LoadThread) -> tuple[int, bytes]:
    """Open a page of study."""
    return thread.operator.open_page(f"/cohorts/{thread.traffic.scenario.cohort}/")


def list_announcements(thread: LoadThread) -> tuple[int, bytes]:
    """List announcements by study's API."""
    return thread.operator.ask("study", "GET", thread.traffic.scenario.announcements)


def sign_in_page(thread: LoadThread) -> tuple[int, bytes]:
    """Open a page of users."""
    return thread.operator.ask("", "GET", "/accounts/login/")


def look_at_inbox(thread: LoadThread) -> tuple[int, bytes]:
    """Open a page of notification."""
    return thread.reader.open_page("/notifications/")


MIXED: tuple[Step, ...] = (
    renew_operator,
    announce,
    look_at_cohort,
    renew_reader,
    look_at_inbox,
    announce,
    sign_in_page,
    list_announcements,
)
READS: tuple[Step, ...] = (look_at_cohort, list_announcements)
WRITES: tuple[Step, ...] = (renew_operator, announce, announce, announce)


@dataclass
class Traffic:
    """Sends `rate` requests per second of these steps while the block runs."""

    scenario: Scenario
    rate: float
    steps: tuple[Step, ...] = MIXED
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:6])
    seen: list[Sample] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    began: float = 0.0

    def __enter__(self) -> Self:
        self._threads = [LoadThread(self, number) for number in range(THREADS)]
        for thread in self._threads:
            assert thread.operator.renew("study")[0] == thread.reader.renew("notification")[0] == 200
        names = zip(
            ("s", "requests", ">=500", "3-4xx", "broken", "p50 ms", "p99", "max"), WIDTHS, strict=True
        )
        print("\n" + " " * 22 + "".join(f"{name:>{width}}" for name, width in names))
        self.began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join(60)
            for program in (thread.operator, thread.reader):
                program.__exit__()
        print(self._line("all of the time", self.began))

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """Print the figures of the requests during the block."""
        began = time.monotonic()
        yield
        print(self._line(name, began), flush=True)

    def assert_no_failures(self) -> None:
        """Fail unless every response was 2xx."""
        said = [
            f"{sample.at - self.began:.1f} s: {sample.status} after {sample.took:.1f} s, {sample.what}"
            for sample in self.seen
            if not 200 <= sample.status < 300
        ]
        assert not said, "\n".join(said[:20])

    def _line(self, name: str, began: float) -> str:
        ended = time.monotonic()
        samples = [sample for sample in self.seen if began <= sample.at]
        times = sorted(sample.took * 1000 for sample in samples) or [0.0]
        figures = [
            ended - began,
            len(samples),
            sum(sample.status >= 500 for sample in samples),
            sum(300 <= sample.status < 500 for sample in samples),
            sum(sample.status == 0 for sample in samples),
            *(times[min(len(times) - 1, len(times) * part // 100)] for part in (50, 99, 100)),
        ]
        cells = zip(figures, WIDTHS, strict=True)
        return f"{name:<22}" + "".join(f"{figure:>{width}.0f}" for figure, width in cells)

    def assert_exactly_once(self, *, seconds: float) -> None:
        """Fail unless every accepted write is stored, and delivered exactly once within the time."""
        published = {
            title: id_ for title, id_ in self.scenario.published().items() if title.startswith(self.name)
        }
        took = self.scenario.wait_until_delivered(set(published.values()), seconds=seconds)
        inbox = self.scenario.inbox_counts()
        lost = [title for title in self.written if title not in published]
        undelivered = [title for title, id_ in published.items() if not inbox[id_]]
        duplicates = [title for title, id_ in published.items() if inbox[id_] > 1]
        print(
            f"{len(self.written)} writes, {len(lost)} lost; {len(published)} events,"
            f" {len(undelivered)} undelivered,"
            f" {len(duplicates)} delivered twice; all delivered after {took:.0f} s",
            flush=True,
        )
        assert (lost, undelivered, duplicates) == ([], [], [])
        # A quarter of the mixed steps are writes; a fault may cost some.
        assert len(self.written) > len(self.seen) / 8
