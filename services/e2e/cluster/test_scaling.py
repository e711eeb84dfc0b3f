"""The autoscaler adds web pods under load and removes them afterwards."""

from __future__ import annotations

from typing import Any

from cluster import release
from cluster.kube import Kube
from cluster.scenario import Scenario
from cluster.traffic import READS, Traffic

MIN_PODS, MAX_PODS = 2, 4
VALUES = {
    "enabled": "true",
    "minReplicas": MIN_PODS,
    "maxReplicas": MAX_PODS,
    "targetCPU": 50,
    "scaleDownAfterSeconds": 15,
}
# Much more than two pods of study can serve with their requested CPU.
RATE = 60
UP, DOWN = 150, 180


def test_web_pods_come_with_the_load_and_go_with_it(kube: Kube, scenario: Scenario) -> None:
    release.upgrade(*(f"study.web.autoscaling.{name}={value}" for name, value in VALUES.items()))
    try:
        with Traffic(scenario, RATE, READS) as traffic:
            up = kube.wait(
                kube.apps.list_namespaced_deployment, lambda all_: webs(all_) > MIN_PODS, "more", seconds=UP
            )
            kube.wait_for_rollout(seconds=120)
        down = kube.wait(
            kube.apps.list_namespaced_deployment, lambda all_: webs(all_) == MIN_PODS, "fewer", seconds=DOWN
        )
    finally:
        release.upgrade("study.web.autoscaling.enabled=false")
    print(f"scaled up {up:.0f} s after the load began, down to {MIN_PODS} pods {down:.0f} s after its end")
    traffic.assert_no_failures()


def webs(deployments: list[Any]) -> int:
    """Return the desired number of study's web pods."""
    (study,) = (deployment for deployment in deployments if deployment.metadata.name == "seodang-study-web")
    return int(study.spec.replicas)
