from __future__ import annotations

import subprocess

import pytest
from docker_engine import ROOT

from images.container_options import SERVICES


@pytest.fixture(scope="session")
def images() -> dict[str, str]:
    """Build the images of this tree; return them by service."""
    done = subprocess.run(["make", "images"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print("\n" + done.stdout)
    names = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("seodang-")]
    return {name: next(image for image in names if image.startswith(f"seodang-{name}:")) for name in SERVICES}
