from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import browser
from browser.demo import Demo
from docker_engine import ROOT
from kubernetes.client.rest import ApiException
from urllib3.exceptions import HTTPError

from cluster import release
from cluster.kube import Kube
from cluster.scenario import Person, Scenario, create_scenario, make_person

__all__ = ["browser"]
DIAGNOSTICS = ROOT / "var/e2e/cluster"
PASSWORD = "eleven patient herons"


def pytest_configure() -> None:
    """Handle SIGTERM like Ctrl-C, so that fixtures are torn down."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    found = socket.getaddrinfo

    def loopback(host: Any, *rest: Any, **more: Any) -> Any:
        """Resolve *.localhost to this machine (RFC 6761), which a C library may not do."""
        return found("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more)

    socket.getaddrinfo = loopback


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Save the cluster's diagnostics of a failed test."""
    report = yield
    if report.failed and (kube := getattr(item, "funcargs", {}).get("kube")):
        folder = DIAGNOSTICS / item.name
        with suppress(ApiException, HTTPError):  # the cluster itself may have failed
            kube.save_diagnostics(folder)
        report.sections.append(("cluster", f"Pods, events and logs are in {folder}."))
    return report


@pytest.fixture(scope="session")
def kube() -> Kube:
    """Return the cluster; skip without one, or fail with CI=true."""
    for program in ("docker", "kind", "kubectl", "helm"):
        if not shutil.which(program):
            missing(f"{program} is not on the PATH")
    try:
        found = Kube(release.CONTEXT, release.NAMESPACE)
        found.version.get_code()
    except Exception as error:  # noqa: BLE001 - no file, no such context, nobody there: it is all the same
        missing(f"no cluster answers as {release.CONTEXT} ({type(error).__name__}); `make kind-up` makes one")
    return found


def missing(what: str) -> None:
    """End the run in CI, or skip the test."""
    if os.environ.get("CI") == "true":
        pytest.exit(what, returncode=1)
    pytest.skip(what)


@pytest.fixture(scope="session")
def installed(kube: Kube) -> Iterator[float]:
    """Install the release; return the seconds until it was ready. KEEP=true keeps it."""
    keep = os.environ.get("KEEP") == "true"
    if not keep:
        release.remove()
    try:
        release.install()
        ready = time.time()
        kube.wait_for_rollout(seconds=60)
        created = [
            service.metadata.creation_timestamp
            for service in kube.core.list_namespaced_service(kube.namespace).items
        ]
        yield ready - min(created).timestamp()
    finally:
        if not keep:
            release.remove()


@pytest.fixture(scope="session")
def operator(kube: Kube, installed: float) -> Person:
    """Return an owner who creates cohorts."""
    return make_person(kube, "operator", PASSWORD)


@pytest.fixture(scope="session")
def mentor(kube: Kube, installed: float) -> Person:
    """Return an owner who reads and reviews."""
    return make_person(kube, "mentor", PASSWORD)


@pytest.fixture(scope="session")
def demo(operator: Person, mentor: Person, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return the release as a Demo for the browser tests: a URL and a folder with accounts."""
    folder: Path = tmp_path_factory.mktemp("accounts")
    for part in ("data", "secrets"):
        (folder / part).mkdir()
    people = [{"role": "operator", "email": operator.email}, {"role": "mentor", "email": mentor.email}]
    (folder / "data/accounts.json").write_text(json.dumps(people), encoding="utf-8")
    (folder / "secrets/demo-password").write_text(PASSWORD, encoding="utf-8")
    return Demo(release.URL, folder)


@pytest.fixture(scope="session")
def scenario(operator: Person, mentor: Person) -> Scenario:
    """Return a cohort of two people."""
    return create_scenario(operator, mentor)
