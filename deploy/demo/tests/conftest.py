"""Fixtures of the demo's tests."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
for folder in (ROOT / "deploy/demo", ROOT / "tools"):
    sys.path.insert(0, str(folder))


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Return a function that finds a free loopback port."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return find
