"""Writing to whoever reads the log, without ever being held up by them.

A terminal that is paused, or a pipe that nobody empties, must not keep the demo from hearing Ctrl-C.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# How long a reader may keep the demo waiting, in seconds.
PATIENCE = 0.5


class Stuck(Exception):
    """The reader does not read."""


def write(fd: int, text: str) -> None:
    """Write all of the text. Stuck if that would wait for the reader, OSError if there is none any more."""
    room = select.poll()
    room.register(fd, select.POLLOUT)
    if not room.poll(0):
        raise Stuck
    left = memoryview(text.encode("utf-8", "replace"))
    with _no_longer_than(PATIENCE):
        while left:
            left = left[os.write(fd, left) :]


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise Stuck

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
