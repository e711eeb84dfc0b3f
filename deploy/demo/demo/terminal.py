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
WRITE_TIMEOUT = 0.5


class WriteTimeout(Exception):
    """The reader does not read."""


def write(fd: int, text: str) -> None:
    """Write all of the text. Stuck if that would wait for the reader, OSError if there is none any more."""
    poller = select.poll()
    poller.register(fd, select.POLLOUT)
    if not poller.poll(0):
        raise WriteTimeout
    left = memoryview(text.encode("utf-8", "replace"))
    with _time_limit(WRITE_TIMEOUT):
        while left:
            left = left[os.write(fd, left) :]


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise WriteTimeout

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
