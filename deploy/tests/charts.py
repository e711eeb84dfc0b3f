"""The chart at the values that matter, and what the tests look at in it."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

import manifests

Object = dict[str, Any]
SEED = "0123456789abcdef" * 2
TRIAL: Object = {"global": {"seed": SEED, "devInfra": {"enabled": True}}}
SCALING: Object = {
    name: {"web": {"autoscaling": {"enabled": True}}} for name in ("users", "study", "notification")
}
ROUTED: Object = {**TRIAL, "httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}]}}
INGRESS: Object = {
    **TRIAL,
    "ingress": {
        "enabled": True,
        "className": "any",
        "hostnames": ["club.example"],
        "tls": [{"secretName": "club", "hosts": ["club.example"]}],
    },
}
VALUES: dict[str, Object] = {
    "default": {},
    "trial": TRIAL,
    "kind": manifests.values("kind"),
    "prod": manifests.values("prod"),
    "autoscaled": SCALING,
    "httproute": ROUTED,
    "ingress": INGRESS,
}
POD_KINDS = {"Deployment", "StatefulSet", "DaemonSet", "Job"}


def render(values: Object | None = None, *, name: str = "seodang") -> list[Object]:
    """The objects at these values. Do not change them: the next test is given the same."""
    return _render(json.dumps(values or {}), name)


@functools.cache
def _render(values: str, release: str) -> list[Object]:
    return manifests.render(json.loads(values), name=release)


def of_kind(objects: list[Object], *kinds: str) -> Iterator[Object]:
    """Those of these kinds."""
    return (obj for obj in objects if obj["kind"] in kinds)


def label(obj: Object) -> str:
    """Kind and name, for a failure to say."""
    return f"{obj['kind']} {obj['metadata']['name']}"


def pod(workload: Object) -> Object:
    """The spec of its pods."""
    spec: Object = workload["spec"]["template"]["spec"]
    return spec


def containers(workload: Object) -> list[Object]:
    """All of a pod's, those that run first too."""
    return [*pod(workload).get("initContainers", []), *pod(workload)["containers"]]
