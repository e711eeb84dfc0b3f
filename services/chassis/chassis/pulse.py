"""A sign of life: a loop touches a file, and an orchestrator asks `python -m chassis.pulse`."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from chassis import env

LONGEST_SILENCE = 75.0


def show() -> None:
    """Called by a loop each time round: it is going. Does nothing where no PULSE_FILE is set."""
    if file := os.environ.get("PULSE_FILE"):
        Path(file).touch()


def is_felt() -> bool:
    """Whether the loop came up, and has been heard of lately.

    A silent one is excused while the broker is away: to start every worker again would not bring it back,
    and they would come back later than it.
    """
    try:
        silence = time.time() - Path(env.text("PULSE_FILE")).stat().st_mtime
    except FileNotFoundError:
        return False
    broker = urlsplit(env.text("BROKER_URL"))
    try:
        with socket.create_connection((broker.hostname, broker.port or 6379), timeout=3):
            return silence < LONGEST_SILENCE
    except OSError:
        return True


if __name__ == "__main__":
    sys.exit(not is_felt())
