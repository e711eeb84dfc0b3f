"""`make helm-install` of the previous revision, then of this one: nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import previous
import pytest
from docker_engine import ROOT, until

from cluster import release
from cluster.deliveries import SETUP, SUBMISSIONS, Deliveries
from cluster.kube import Kube

NAMESPACE = "seodang-upgrade"
URL = "http://upgrade.localhost:30080"
# Its queue is filled before the upgrade; study's workers go on.
QUEUED = "notification"
PYTHON = "/opt/venv/bin/python"


@pytest.fixture
def other_namespace(kube: Kube) -> Iterator[Kube]:
    """Return another namespace, and delete it afterwards."""
    delete = ("kubectl", "--context", release.CONTEXT, "delete", "namespace", NAMESPACE, "--ignore-not-found")
    release.command(*delete, "--timeout", "180s")
    yield Kube(release.CONTEXT, NAMESPACE)
    release.command(*delete, "--timeout", "180s")


@pytest.mark.timeout(1500)
def test_data_queued_messages_and_submissions_survive_an_upgrade(
    other_namespace: Kube, tmp_path: Path
) -> None:
    tree = tmp_path / "seodang"
    previous.git(ROOT, "clone", "--quiet", str(ROOT), str(tree))
    django = partial(run_django, other_namespace)
    current = previous.check_out(tree)
    make(tree, "images", "helm-install")
    create_owner(other_namespace, "First")
    for service in previous.CONSUMERS:
        previous.wait_for_name(django, service, "First")
    other_namespace.scale(f"seodang-{QUEUED}-worker", 0)
    other_namespace.wait(
        other_namespace.core.list_namespaced_pod,
        lambda _pods: not other_namespace.pods("worker", QUEUED),
        "the end of the workers",
        seconds=120,
    )
    create_owner(other_namespace, "Second")
    previous.wait_for_queue(django, QUEUED, empty=False)
    assert "Second" not in django(QUEUED, previous.NAMES)
    with Deliveries(f"{URL}/hooks/github/{django('study', SETUP)}") as deliveries:
        until(lambda: len(submissions(django)) > 20, "open submissions", seconds=180)

        previous.git(tree, "checkout", "--quiet", current)
        make(tree, "images", "helm-install")

    other_namespace.scale(f"seodang-{QUEUED}-worker", 1)
    for service in previous.CONSUMERS:
        previous.wait_for_queue(django, service, empty=True)
        previous.wait_for_name(django, service, "Second")
        assert "First" in django(service, previous.NAMES)
        assert django(service, previous.DEAD_LETTERS) == "0"
    deliveries.redeliver()
    assert not deliveries.refused
    until(lambda: submissions(django) == deliveries.submissions(), "every delivery", seconds=240)


def submissions(django: Callable[[str, str], str]) -> list[Any]:
    """Return the submissions in their missions, with the heads of their attempts."""
    found: list[Any] = json.loads(django("study", SUBMISSIONS))
    return found


def make(tree: Path, *targets: str) -> None:
    """Run make in a tree on the test's namespace. Raise AssertionError if it fails."""
    outer = {"MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "A"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    environment |= {
        "CONTEXT": release.CONTEXT, "NAMESPACE": NAMESPACE, "PUBLIC_URL": URL,
    }  # fmt: skip
    done = subprocess.run(
        ["make", *targets], cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]


def create_owner(kube: Kube, name: str) -> None:
    """Create an owner of the installation, which publishes an event to study and notification."""
    words = ("create_owner", "--email", f"{name.lower()}@example.org", "--name", name, "--password-stdin")
    (pod, *_) = kube.pods("web", "users")
    kube.run(pod, PYTHON, "-m", "django", *words, stdin="eleven patient herons\n")


def run_django(kube: Kube, service: str, code: str) -> str:
    """Run Python in a service's web pod; return what it prints."""
    (pod, *_) = [pod for pod in kube.pods("web", service) if not pod.metadata.deletion_timestamp]
    return kube.run(pod, PYTHON, "-m", "django", "shell", "--no-imports", "--command", code).strip()
