"""No request fails during upgrades, a rollback and the drain of a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster import release
from cluster.kube import Kube, is_ready
from cluster.scenario import Scenario
from cluster.traffic import Traffic

RATE = 10
TAGS = [f"journey-{n}" for n in range(1, 6)]
EXPANDS = TAGS[1]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("tags", [TAGS[:2], pytest.param(TAGS, marks=pytest.mark.nightly)], ids=len)
def test_upgrades_and_a_rollback_are_not_noticed(
    kube: Kube, scenario: Scenario, tmp_path: Path, tags: list[str]
) -> None:
    """One upgrade has a migration; the rollback runs the old code on the new schema."""
    first = release.revision()
    with release.images(tags, tmp_path, migrating_from=EXPANDS), Traffic(scenario, RATE) as traffic:
        try:
            for tag in tags:
                with traffic.during(tag + (", migrates" if tag == EXPANDS else "")):
                    release.upgrade_to(tag)
                    kube.wait_for_rollout(seconds=60)
                images = {pod.spec.containers[0].image for pod in kube.pods("web") if is_ready(pod)}
                assert images == {f"seodang-{service}:{tag}" for service in release.SERVICES}
        finally:
            with traffic.during("rollback"):
                release.rollback(first)
                kube.wait_for_rollout(seconds=60)
    traffic.assert_exactly_once(seconds=120)
    traffic.assert_no_failures()


def test_the_drain_of_a_node_is_not_noticed(kube: Kube, scenario: Scenario) -> None:
    """Drain a node without MySQL, which has one replica here."""
    (mysql,) = kube.pods("mysql")
    nodes = {pod.spec.node_name for pod in kube.pods()} - {mysql.spec.node_name}
    assert nodes, "everything runs on one node; `NODES=3 make kind-up` makes a cluster that can be drained"
    node = nodes.pop()
    with Traffic(scenario, RATE) as traffic, traffic.during("drain"), kube.drained(node, seconds=180) as took:
        kube.wait_for_rollout(seconds=120)
    print(f"\n{node} was empty after {took:.0f} s")
    traffic.assert_exactly_once(seconds=120)
    traffic.assert_no_failures()
