"""What the demo's tests need: its import root, a folder of their own, and free ports."""

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
    """free_port() → a loopback port that nothing listens on now."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return find
