"""Kill pods, scale Redis to zero, stop a worker: each announcement is delivered exactly once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from docker_engine import docker

from cluster.kube import Kube, Pod, is_ready, kind_of
from cluster.release import SERVICES
from cluster.scenario import GatewayClient, Scenario
from cluster.traffic import WRITES, Traffic

RATE = 8
KINDS = ("web", "worker", "relay", "beat", "redis", "mysql")
ROUNDS = 2
RECOVERY_SECONDS = 180
DELIVERED_SECONDS = 180
# A stuck worker: silent for 75 s, then detected within 40 s, then ended and restarted.
RESTART_SECONDS = 135
# Longer than the maximum silence of a worker (75 s) plus two probes (20 s each).
AWAY_SECONDS = 120


def test_no_event_is_lost_or_duplicated_whatever_is_killed(kube: Kube, scenario: Scenario) -> None:
    before = kube.ready_counts()
    with Traffic(scenario, RATE, WRITES) as traffic:
        for component in KINDS * ROUNDS:
            # One per service.
            victims = list({kind_of(pod): pod for pod in kube.pods(component)}.values())
            with traffic.during(f"{len(victims)} x {component}"):
                kube.kill(*victims)
                kube.wait_for_recovery(before, victims, seconds=RECOVERY_SECONDS)
    traffic.assert_exactly_once(seconds=DELIVERED_SECONDS)
    assert_no_backlog(kube)


def test_a_stuck_worker_is_restarted(kube: Kube, scenario: Scenario) -> None:
    (stuck,) = kube.pods("worker", "notification")
    began = time.monotonic()
    stop(stuck)
    promised = announce(scenario)
    kube.wait(
        kube.core.list_namespaced_pod,
        lambda pods: restarted(pods, stuck),
        "a new start",
        seconds=RESTART_SECONDS,
    )
    print(f"\nthe stuck worker restarted after {time.monotonic() - began:.0f} s (at most {RESTART_SECONDS})")
    assert_delivered(scenario, promised)


@pytest.mark.nightly
def test_workers_are_left_alone_while_redis_is_away(kube: Kube, scenario: Scenario) -> None:
    """A restart would not bring Redis back. Requests succeed; notifications are delayed."""
    before, ready_counts = kube.restarts(), kube.ready_counts()
    with scaled_to_none(kube, "seodang-redis"):
        promised = announce(scenario)
        time.sleep(AWAY_SECONDS)
        assert kube.restarts() == {name: count for name, count in before.items() if "-redis-" not in name}
    back = kube.wait_for_recovery(ready_counts, [], seconds=RECOVERY_SECONDS)
    print(
        f"\nRedis was away for {AWAY_SECONDS} s, nothing restarted; everything was ready {back:.0f} s later"
    )
    assert_delivered(scenario, promised)


def announce(scenario: Scenario) -> str:
    """Publish an announcement; return its id."""
    with GatewayClient(scenario.operator) as operator:
        body = {"title": "Is anybody there?", "body": "…"}
        return str(operator.call("study", "POST", scenario.announcements, body)["id"])


def assert_delivered(scenario: Scenario, promised: str) -> None:
    """Fail unless the reader gets it exactly once."""
    seconds = scenario.wait_until_delivered({promised}, seconds=DELIVERED_SECONDS)
    assert scenario.inbox_counts()[promised] == 1, f"not after {seconds:.0f} s"


def assert_no_backlog(kube: Kube) -> None:
    """Fail if there is a dead letter or an unacknowledged event."""
    for service in SERVICES:
        figures = kube.metrics(kube.pods("web", service)[0])
        assert figures["seodang_dead_letters"] == 0, service
        assert figures["seodang_oldest_open_event_seconds"] == 0, service


def stop(pod: Pod) -> None:
    """Send SIGSTOP to a container's processes from its node: inside, process 1 is protected."""
    container = pod.status.container_statuses[0].container_id.partition("://")[2]
    script = f"kill -STOP $(grep -l {container} /proc/[0-9]*/cgroup | cut -d/ -f3)"
    docker("exec", pod.spec.node_name, "sh", "-c", script)


def restarted(pods: list[Pod], pod: Pod) -> bool:
    """Return True if the pod's container was restarted and is ready."""
    was = pod.status.container_statuses[0].restart_count
    found: Any = next((candidate for candidate in pods if candidate.metadata.uid == pod.metadata.uid), None)
    return found is not None and found.status.container_statuses[0].restart_count > was and is_ready(found)


@contextmanager
def scaled_to_none(kube: Kube, deployment: str) -> Iterator[None]:
    """Scale a deployment to zero while the block runs."""
    kube.scale(deployment, 0)
    try:
        kube.wait(
            kube.core.list_namespaced_pod,
            lambda pods: not [pod for pod in pods if pod.metadata.name.startswith(deployment)],
            f"the end of {deployment}",
            seconds=60,
        )
        yield
    finally:
        kube.scale(deployment, 1)
