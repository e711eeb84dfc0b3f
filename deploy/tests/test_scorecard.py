"""Ten properties of every workload, for all values."""

from __future__ import annotations

from collections.abc import Callable

import charts
import pytest
from charts import Object, containers, pod

# What the Pod Security Standard "restricted" lets a pod mount, as far as we do.
VOLUMES = {"configMap", "emptyDir", "projected", "secret", "persistentVolumeClaim"}


def is_restricted(workload: Object) -> bool:
    spec = pod(workload)
    settings = spec["securityContext"]
    return (
        not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        and settings["runAsNonRoot"] is True
        and settings["runAsUser"] > 0
        and settings["seccompProfile"] == {"type": "RuntimeDefault"}
        and all(set(volume) - {"name"} <= VOLUMES for volume in spec["volumes"])
        and all(is_contained(container) for container in containers(workload))
    )


def is_contained(container: Object) -> bool:
    own = container["securityContext"]
    capabilities = own["capabilities"]
    return (
        own["allowPrivilegeEscalation"] is False
        and capabilities["drop"] == ["ALL"]
        and set(capabilities.get("add", [])) <= {"NET_BIND_SERVICE"}
        and not {"privileged", "runAsUser", "runAsNonRoot", "seccompProfile"} & set(own)
        and all("hostPort" not in port for port in container.get("ports", []))
    )


def all_of(test: Callable[[Object], bool]) -> Callable[[Object], bool]:
    return lambda workload: all(test(container) for container in containers(workload))


def mains(test: Callable[[Object], bool]) -> Callable[[Object], bool]:
    return lambda workload: all(test(container) for container in pod(workload)["containers"])


COLUMNS: dict[str, Callable[[Object], bool]] = {
    "pods are restricted": is_restricted,
    "the root file system is read-only": all_of(
        lambda container: container["securityContext"]["readOnlyRootFilesystem"]
    ),
    "CPU and memory are requested": all_of(
        lambda container: {"cpu", "memory"} <= set(container["resources"]["requests"])
    ),
    "memory is limited": all_of(lambda container: "memory" in container["resources"]["limits"]),
    "readiness is probed": mains(lambda container: "readinessProbe" in container),
    "the start is probed": mains(lambda container: "startupProbe" in container),
    "it sleeps before it stops": mains(
        lambda container: container["lifecycle"]["preStop"]["sleep"]["seconds"] > 0
    ),
    "it spreads over zones and nodes": lambda workload: (
        [constraint["topologyKey"] for constraint in pod(workload)["topologySpreadConstraints"]]
        == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    ),
    "no environment of links": lambda workload: pod(workload)["enableServiceLinks"] is False,
    "no token is mounted": lambda workload: pod(workload)["automountServiceAccountToken"] is False,
}


@pytest.mark.parametrize("values", charts.VALUES)
@pytest.mark.parametrize("column", COLUMNS)
def test_every_workload_has_it(values: str, column: str) -> None:
    workloads = [*charts.of_kind(charts.render(charts.VALUES[values]), *charts.POD_KINDS)]
    assert len(workloads) >= 16, "the services' four and a Job each, and the test"

    assert [charts.label(workload) for workload in workloads if not COLUMNS[column](workload)] == []
