"""`make helm-install` of the previous revision, then of this one: data and queued messages survive."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import previous
import pytest
from docker_engine import ROOT

from cluster import release
from cluster.kube import Kube

NAMESPACE = "seodang-upgrade"
PYTHON = "/opt/venv/bin/python"


@pytest.fixture
def other_namespace(kube: Kube) -> Iterator[Kube]:
    """Return another namespace, and delete it afterwards."""
    delete = ("kubectl", "--context", release.CONTEXT, "delete", "namespace", NAMESPACE, "--ignore-not-found")
    release.command(*delete, "--timeout", "180s")
    yield Kube(release.CONTEXT, NAMESPACE)
    release.command(*delete, "--timeout", "180s")


@pytest.mark.timeout(1500)
def test_data_and_queued_messages_survive_an_upgrade(other_namespace: Kube, tmp_path: Path) -> None:
    tree = tmp_path / "seodang"
    previous.git(ROOT, "clone", "--quiet", str(ROOT), str(tree))
    django = partial(run_django, other_namespace)
    current = previous.check_out(tree)
    make(tree, "images", "helm-install")
    create_owner(other_namespace, "First")
    for service in previous.CONSUMERS:
        previous.wait_for_name(django, service, "First")
        other_namespace.scale(f"seodang-{service}-worker", 0)
    other_namespace.wait(
        other_namespace.core.list_namespaced_pod,
        lambda _pods: not any(other_namespace.pods("worker", service) for service in previous.CONSUMERS),
        "the end of the workers",
        seconds=120,
    )
    create_owner(other_namespace, "Second")
    for service in previous.CONSUMERS:
        previous.wait_for_queue(django, service, empty=False)
        assert "Second" not in django(service, previous.NAMES)

    previous.git(tree, "checkout", "--quiet", current)
    make(tree, "images", "helm-install")
    for service in previous.CONSUMERS:
        other_namespace.scale(f"seodang-{service}-worker", 1)
        previous.wait_for_queue(django, service, empty=True)
        previous.wait_for_name(django, service, "Second")
        assert "First" in django(service, previous.NAMES)
        assert django(service, previous.DEAD_LETTERS) == "0"


def make(tree: Path, *targets: str) -> None:
    """Run make in a tree on the test's namespace. Raise AssertionError if it fails."""
    outer = {"MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "A"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    environment |= {
        "CONTEXT": release.CONTEXT, "NAMESPACE": NAMESPACE, "PUBLIC_URL": "http://upgrade.localhost:30080",
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
