"""Install, then run the main scenario through the cluster's Gateway."""

from __future__ import annotations

import http.client
import json
import re
import sys
from itertools import product
from urllib.parse import urlsplit

import pytest
from browser.test_main_job import test_a_pull_request_becomes_points
from docker_engine import ROOT, inspect
from kubernetes.client.rest import ApiException

from cluster import release
from cluster.kube import Kube

__all__ = ["test_a_pull_request_becomes_points"]
# Seconds.
READY = 900
ROUTES = json.loads((ROOT / "services/contracts/routes.json").read_text(encoding="utf-8"))


def test_everything_becomes_ready(installed: float) -> None:
    print(f"\nfrom the first object until all was ready: {installed:.0f} s (at most {READY})")
    assert installed <= READY


def test_the_charts_own_test_passes(installed: float) -> None:
    said = release.command(sys.executable, "deploy/operate/cluster.py", "test")
    assert re.search(r"Phase:\s+Succeeded", said), said


def test_the_images_are_those_of_compose(kube: Kube, installed: float) -> None:
    """`make prod` and a cluster run the same images."""
    compose = (ROOT / "compose.prod.yaml").read_text(encoding="utf-8")
    for service in release.SERVICES:
        (tag,) = re.findall(rf"seodang-{service}:\$\{{SEODANG_VERSION:-([\w.]+)\}}", compose)
        wanted = inspect(f"seodang-{service}:{tag}")["Id"]
        pods = kube.pods(service=service)
        assert {pod.metadata.labels["app.kubernetes.io/component"] for pod in pods} == {
            "web",
            "worker",
            "relay",
            "beat",
        }
        for pod in pods:
            assert pod.status.container_statuses[0].image_id.endswith(wanted), pod.metadata.name


def test_the_namespace_takes_no_privileged_pod(kube: Kube, installed: float) -> None:
    labels = kube.core.read_namespace(kube.namespace).metadata.labels
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    container = {"name": "root", "image": "busybox", "securityContext": {"privileged": True}}
    pod = {"metadata": {"name": "root"}, "spec": {"containers": [container]}}
    with pytest.raises(ApiException, match="violates PodSecurity") as refused:
        kube.core.create_namespaced_pod(kube.namespace, pod, dry_run="All")
    assert refused.value.status == 403


def written(path: str, prefix: str) -> list[str]:
    """Return encodings and traversals of a path that is not routed."""
    encoded = "/" + "".join(f"%{ord(sign):02x}" for sign in path[1:])
    ways = [path, f"/{path}", f"/.{path}", f"/%2e{path}", encoded, path.replace("/", "%2f"), f"{path};a=b"]
    ways += [
        f"{prefix}{up}{path}" for up in ("/..", "/%2e%2e", "/.%2e", "%2f..", "/..%2f..", "/../.", "/..;")
    ]
    return [*ways, *(f"{prefix}/x/../..{path}", f"{prefix}//..//..{path}", f"{prefix}/..\\..{path}")]


def ask(path: str) -> int:
    """Return the status of a request with exactly that path."""
    parts = urlsplit(release.URL)
    wire = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        wire.putrequest("GET", path)
        wire.endheaders()
        return wire.getresponse().status
    finally:
        wire.close()


def test_what_is_inside_stays_inside(installed: float) -> None:
    """No encoding of /internal, /healthz or /metrics reaches a service, not even to be rejected."""
    assert ask("/accounts/login/") == 200
    below = {"/internal": "/accounts", "/healthz": "/ready", "/metrics": ""}
    assert set(below) == set(ROUTES["never"])
    prefixes = {route["service"]: route["path"] for route in ROUTES["routes"] if not route.get("exact")}
    asked = [
        (way, ask(way))
        for (path, rest), prefix in product(below.items(), prefixes.values())
        for way in written(path + rest, prefix)
    ]
    print(f"\n{len(asked)} ways in were tried")
    # 401 or 405 would come from a service that was reached, 5xx from one that failed.
    assert [(way, status) for way, status in asked if status not in {301, 308, 400, 404}] == []
