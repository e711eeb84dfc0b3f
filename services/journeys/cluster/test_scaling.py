"""Web pods come with the load, and go with it."""

from __future__ import annotations

from typing import Any

from cluster import release
from cluster.club import Club
from cluster.kube import Kube
from cluster.traffic import READS, Traffic

LEAST, MOST = 2, 4
VALUES = {
    "enabled": "true",
    "minReplicas": LEAST,
    "maxReplicas": MOST,
    "targetCPU": 50,
    "scaleDownAfterSeconds": 15,
}
# Much more than two pods of study do with the CPU that they ask for.
RATE = 60
UP, DOWN = 150, 180


def test_web_pods_come_with_the_load_and_go_with_it(kube: Kube, club: Club) -> None:
    release.upgrade(*(f"study.web.autoscaling.{name}={value}" for name, value in VALUES.items()))
    try:
        with Traffic(club, RATE, READS) as traffic:
            up = kube.wait(
                kube.apps.list_namespaced_deployment, lambda all_: webs(all_) > LEAST, "more", seconds=UP
            )
            kube.settle(seconds=120)
        down = kube.wait(
            kube.apps.list_namespaced_deployment, lambda all_: webs(all_) == LEAST, "fewer", seconds=DOWN
        )
    finally:
        release.upgrade("study.web.autoscaling.enabled=false")
    print(f"over {LEAST} web pods {up:.0f} s after the load began, {LEAST} again {down:.0f} s after its end")
    traffic.assert_unnoticed()


def webs(deployments: list[Any]) -> int:
    """How many web pods study has, as its autoscaler wants it."""
    (study,) = (one for one in deployments if one.metadata.name == "seodang-study-web")
    return int(study.spec.replicas)
