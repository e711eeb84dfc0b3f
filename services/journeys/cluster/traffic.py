"""People at work through the Gateway, at a steady rate, who note every answer and what they were promised."""

from __future__ import annotations

import http.client
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from cluster.club import Club, Program

# Whoever starts this and does not end it is not to be left with it.
LONGEST = 1200
HANDS = 10
WIDTHS = (6, 10, 7, 6, 8, 8, 8, 8)


class Seen(NamedTuple):
    """A request: when it began, how long it took, and its answer's status or 0, and why there was none."""

    at: float
    took: float
    status: int
    what: str


Step = Callable[["Hand"], tuple[int, bytes]]


class Hand(threading.Thread):
    """One connection's worth of work."""

    def __init__(self, traffic: Traffic, number: int) -> None:
        super().__init__(daemon=True, name=f"hand-{number}")
        self.traffic, self.number = traffic, number
        self.operator, self.reader = Program(traffic.club.operator), Program(traffic.club.reader)
        self.count = 0

    def run(self) -> None:
        """One step after the other, each at its time; late ones are not left out."""
        every = HANDS / self.traffic.rate
        begin = time.monotonic() + every * self.number / HANDS
        while not self.traffic.over.is_set() and time.monotonic() < self.traffic.began + LONGEST:
            self.traffic.over.wait(max(0.0, begin + every * self.count - time.monotonic()))
            step = self.traffic.steps[self.count % len(self.traffic.steps)]
            self.count += 1
            began = time.monotonic()
            try:
                status, text = step(self)
            except (OSError, http.client.HTTPException) as error:
                status, text = 0, repr(error).encode()
            what = step.__name__ if 200 <= status < 300 else f"{step.__name__}: {text[:200]!r}"
            self.traffic.seen.append(Seen(began, time.monotonic() - began, status, what))


def announce(hand: Hand) -> tuple[int, bytes]:
    """A write, which the answer promises to keep."""
    title = f"{hand.traffic.name} {hand.number} {hand.count}"
    body = {"title": title, "body": "…"}
    status, text = hand.operator.ask("POST", hand.traffic.club.announcements, body, service="study")
    if 200 <= status < 300:
        hand.traffic.written.append(title)
    return status, text


def renew_operator(hand: Hand) -> tuple[int, bytes]:
    """A new token for study."""
    return hand.operator.renew("study")


def renew_reader(hand: Hand) -> tuple[int, bytes]:
    """A new token for notification."""
    return hand.reader.renew("notification")


def look_at_cohort(hand: Hand) -> tuple[int, bytes]:
    """A page of study's, signed in."""
    return hand.operator.ask("GET", f"/cohorts/{hand.traffic.club.cohort}/", page=True)


def list_announcements(hand: Hand) -> tuple[int, bytes]:
    """Study's API."""
    return hand.operator.ask("GET", hand.traffic.club.announcements, service="study")


def sign_in_page(hand: Hand) -> tuple[int, bytes]:
    """A page of users'."""
    return hand.operator.ask("GET", "/accounts/login/")


def look_at_inbox(hand: Hand) -> tuple[int, bytes]:
    """A page of notification's, signed in."""
    return hand.reader.ask("GET", "/notifications/", page=True)


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
    """`rate` requests a second of these steps, from __enter__ to __exit__."""

    club: Club
    rate: float
    steps: tuple[Step, ...] = MIXED
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:6])
    seen: list[Seen] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    began: float = 0.0

    def __enter__(self) -> Self:
        self._hands = [Hand(self, number) for number in range(HANDS)]
        for hand in self._hands:
            assert hand.operator.renew("study")[0] == hand.reader.renew("notification")[0] == 200
        names = zip(
            ("s", "requests", ">=500", "3-4xx", "broken", "p50 ms", "p99", "max"), WIDTHS, strict=True
        )
        print("\n" + " " * 22 + "".join(f"{name:>{width}}" for name, width in names))
        self.began = time.monotonic()
        for hand in self._hands:
            hand.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        for hand in self._hands:
            hand.join(60)
            for program in (hand.operator, hand.reader):
                program.__exit__()
        print(self._line("all of the time", self.began))

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """A line of figures by that name, of what was answered while the block ran."""
        began = time.monotonic()
        yield
        print(self._line(name, began), flush=True)

    def assert_unnoticed(self) -> None:
        """Every request got the answer that it asked for: not even a redirect to sign in."""
        said = [
            f"{one.at - self.began:.1f} s: {one.status} after {one.took:.1f} s, {one.what}"
            for one in self.seen
            if not 200 <= one.status < 300
        ]
        assert not said, "\n".join(said[:20])

    def _line(self, name: str, began: float) -> str:
        ended = time.monotonic()
        those = [one for one in self.seen if began <= one.at]
        times = sorted(one.took * 1000 for one in those) or [0.0]
        figures = [
            ended - began,
            len(those),
            sum(one.status >= 500 for one in those),
            sum(300 <= one.status < 500 for one in those),
            sum(one.status == 0 for one in those),
            *(times[min(len(times) - 1, len(times) * part // 100)] for part in (50, 99, 100)),
        ]
        cells = zip(figures, WIDTHS, strict=True)
        return f"{name:<22}" + "".join(f"{figure:>{width}.0f}" for figure, width in cells)

    def assert_kept(self, *, seconds: float) -> None:
        """Every write that was answered is there; all that is there was told, once, within that time."""
        published = {
            title: id_ for title, id_ in self.club.published().items() if title.startswith(self.name)
        }
        took = self.club.wait_until_told(set(published.values()), seconds=seconds)
        told = self.club.told()
        lost = [title for title in self.written if title not in published]
        untold = [title for title, id_ in published.items() if not told[id_]]
        doubled = [title for title, id_ in published.items() if told[id_] > 1]
        print(
            f"{len(self.written)} writes, {len(lost)} lost; {len(published)} events, {len(untold)} not told,"
            f" {len(doubled)} told twice; all told {took:.0f} s after",
            flush=True,
        )
        assert (lost, untold, doubled) == ([], [], [])
        # A quarter of the mixed steps are writes; a fault may cost some.
        assert len(self.written) > len(self.seen) / 8
