"""Slow clients against `make dev`: other requests are answered, and no container ends."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from docker_engine import inspect, require_docker
from slow.senders import attack, deliveries, forms

from compose.installation import Clone, clone, wait_until_usable

# `make test-slow` sends the same to the demo in every run.
pytestmark = pytest.mark.nightly
require_docker()

URL = "http://localhost:8650"
EACH, SECONDS = 20, 60
CONTAINERS = ("gateway", "users-web", "study-web", "notification-web")


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Run a clone without watching its source."""
    given = {
        "COMPOSE_PROJECT_NAME": "seodang-slow-e2e",
        "PORT": "8650",
        "MYSQL_PORT": "3657",
        "PUBLIC_URL": URL,
    }
    with clone(tmp_path_factory.mktemp("slow"), "compose.yaml", **given) as found:
        subprocess.run(
            ["python3", "deploy/operate/compose.py", "prepare"],
            cwd=found.folder,
            env=found.environment,
            check=True,
        )
        found.compose("up", "--build", "--detach", "--wait")
        wait_until_usable(URL, "the first page", seconds=60)
        yield found


def lives(dev: Clone) -> dict[str, tuple[Any, ...]]:
    """Return each container's start time, restarts and OOM flag."""
    found = {}
    for name in CONTAINERS:
        seen = inspect(dev.container(name))
        found[name] = (seen["State"]["StartedAt"], seen["RestartCount"], seen["State"]["OOMKilled"])
    return found


def test_slow_forms_on_every_public_path_stop_nobody(dev: Clone) -> None:
    before = lives(dev)
    report = attack(URL, forms(EACH), seconds=SECONDS)
    report.assert_answered(at_least=SECONDS)
    assert lives(dev) == before


def test_unfinished_deliveries_of_24_mib_stop_nobody(dev: Clone) -> None:
    before = lives(dev)
    report = attack(URL, deliveries(EACH), seconds=SECONDS)
    report.assert_answered(at_least=SECONDS)
    assert report.ends["503"] > EACH // 2, report.ends
    assert lives(dev) == before
