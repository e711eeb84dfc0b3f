"""Docker commands for the end-to-end tests."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def docker(*words: str, timeout: float = 300, check: bool = True, **options: Any) -> str:
    """Run docker and return its output. Raise AssertionError if it fails."""
    done = subprocess.run(
        ["docker", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
        **options,
    )
    assert done.returncode == 0 or not check, f"docker {' '.join(words)}:\n{done.stdout[-4000:]}"
    printed: str = done.stdout
    return printed.strip()


def require_docker() -> None:
    """Skip without a Docker Engine; fail with CI=true."""
    try:
        docker("version", "--format", "{{.Server.Version}}", timeout=20)
    except (OSError, AssertionError, subprocess.TimeoutExpired):
        text = "No Docker engine answers here, and these tests are about containers."
        if os.environ.get("CI") == "true":
            pytest.exit(text, returncode=1)
        pytest.skip(text, allow_module_level=True)


def inspect(name: str) -> dict[str, Any]:
    """Return the details of a container or an image."""
    found: list[dict[str, Any]] = json.loads(docker("inspect", name))
    return found[0]


def until(is_so: Callable[[], object], what: str, *, seconds: float, every: float = 0.25) -> float:
    """Wait for a condition; return the seconds. Raise AssertionError with `what` after the timeout."""
    began = time.monotonic()
    while True:
        try:
            if is_so():
                return time.monotonic() - began
        except (OSError, AssertionError) as error:
            last: object = error
        else:
            last = "not yet"
        assert time.monotonic() - began < seconds, f"waited {seconds} s for {what}: {last}"
        time.sleep(every)
