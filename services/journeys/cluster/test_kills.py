"""Pods die, Redis goes, a worker goes deaf: every announcement still reaches its reader, once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine import docker

from cluster.club import Club, Program
from cluster.kube import Kube, Pod, is_ready, kind_of
from cluster.release import SERVICES
from cluster.traffic import WRITES, Traffic

RATE = 8
KINDS = ("web", "worker", "relay", "beat", "redis", "mysql")
ROUNDS = 2
RECOVERED = 180
TOLD = 180
# Of a deaf worker: silent for 75 s, then noticed within 40 s, then ended and started.
HEARS_AGAIN = 135
# Longer than a worker may be silent (75 s) and asked twice (20 s each).
AWAY = 120


def test_no_event_is_lost_or_doubled_whatever_is_killed(kube: Kube, club: Club) -> None:
    before = kube.shape()
    with Traffic(club, RATE, WRITES) as traffic:
        for component in KINDS * ROUNDS:
            # One of each service's.
            victims = list({kind_of(pod): pod for pod in kube.pods(component)}.values())
            with traffic.during(f"{len(victims)} x {component}"):
                kube.kill(*victims)
                kube.recover(before, victims, seconds=RECOVERED)
    # A line above ends when all are ready again, unaided.
    traffic.assert_kept(seconds=TOLD)
    assert_nothing_is_owed(kube)


def test_a_deaf_worker_is_started_again(kube: Kube, club: Club) -> None:
    (deaf,) = kube.pods("worker", "notification")
    began = time.monotonic()
    stop(deaf)
    promised = announce(club)
    kube.wait(
        kube.core.list_namespaced_pod, lambda pods: restarted(pods, deaf), "a new start", seconds=HEARS_AGAIN
    )
    print(f"\na deaf worker was started again after {time.monotonic() - began:.0f} s (at most {HEARS_AGAIN})")
    assert_told(club, promised)


def test_workers_are_left_alone_while_redis_is_away(kube: Kube, club: Club) -> None:
    """To start them again would not bring it back. A person notices nothing, but is told later."""
    before, shape = kube.restarts(), kube.shape()
    with scaled_to_none(kube, "seodang-redis"):
        promised = announce(club)
        time.sleep(AWAY)
        assert kube.restarts() == {name: count for name, count in before.items() if "-redis-" not in name}
    back = kube.recover(shape, [], seconds=RECOVERED)
    print(f"\nRedis was away for {AWAY} s and nothing was started again; all were ready {back:.0f} s after")
    assert_told(club, promised)


def announce(club: Club) -> str:
    """One announcement; its id."""
    with Program(club.operator) as operator:
        body = {"title": "Is anybody there?", "body": "…"}
        return str(operator.call("POST", club.announcements, "study", body)["id"])


def assert_told(club: Club, promised: str) -> None:
    """The reader hears of it, once."""
    seconds = club.wait_until_told({promised}, seconds=TOLD)
    assert club.told()[promised] == 1, f"not after {seconds:.0f} s"


def assert_nothing_is_owed(kube: Kube) -> None:
    """Nothing is parked, and no service owes another an event."""
    for service in SERVICES:
        figures = kube.metrics(kube.pods("web", service)[0])
        assert figures["seodang_dead_letters"] == 0, service
        assert figures["seodang_oldest_open_event_seconds"] == 0, service


def stop(pod: Pod) -> None:
    """SIGSTOP to all in its container, from its node: from inside, the first process is out of reach."""
    container = pod.status.container_statuses[0].container_id.partition("://")[2]
    script = f"kill -STOP $(grep -l {container} /proc/[0-9]*/cgroup | cut -d/ -f3)"
    docker("exec", pod.spec.node_name, "sh", "-c", script)


def restarted(pods: list[Pod], pod: Pod) -> bool:
    """The same pod, with another container that is ready."""
    was = pod.status.container_statuses[0].restart_count
    found: Any = next((one for one in pods if one.metadata.uid == pod.metadata.uid), None)
    return found is not None and found.status.container_statuses[0].restart_count > was and is_ready(found)


@contextmanager
def scaled_to_none(kube: Kube, deployment: str) -> Iterator[None]:
    """That deployment has no pod while the block runs."""
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
