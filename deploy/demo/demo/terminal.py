"""Write to a terminal or pipe with a timeout.

A paused terminal or a full pipe must not delay the handling of Ctrl-C.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# Seconds.
WRITE_TIMEOUT = 0.5


class WriteTimeout(Exception):
    """The reader did not read in time."""


def write(fd: int, text: str) -> None:
    """Write the text. Raise WriteTimeout if the reader does not read, OSError if the file is closed."""
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
