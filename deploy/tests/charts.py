"""The chart with the tested values, and helpers to read its objects."""

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
    """Return the objects for these values. Do not modify them: they are cached."""
    return _render(json.dumps(values or {}), name)


@functools.cache
def _render(values: str, release: str) -> list[Object]:
    return manifests.render(json.loads(values), name=release)


def of_kind(objects: list[Object], *kinds: str) -> Iterator[Object]:
    """Return the objects of these kinds."""
    return (obj for obj in objects if obj["kind"] in kinds)


def label(obj: Object) -> str:
    """Return kind and name, for messages."""
    return f"{obj['kind']} {obj['metadata']['name']}"


def pod(workload: Object) -> Object:
    """Return the spec of its pods."""
    spec: Object = workload["spec"]["template"]["spec"]
    return spec


def containers(workload: Object) -> list[Object]:
    """Return all containers of a pod, init containers included."""
    return [*pod(workload).get("initContainers", []), *pod(workload)["containers"]]
