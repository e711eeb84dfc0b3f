from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from service_processes import Redis, wait_for


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """Return a private Redis that can be paused and stopped."""
    server = Redis(tmp_path)
    server.start()
    try:
        wait_for("Redis answers", server.answers)
        yield server
    finally:
        server.end()
