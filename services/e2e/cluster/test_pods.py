"""One of two web pods is killed: no read fails."""

from __future__ import annotations

from docker_engine import docker

from cluster.kube import Kube, Pod, is_ready
from cluster.release import SERVICES
from cluster.scenario import Scenario
from cluster.traffic import (
    MIXED,
    Traffic,
    list_announcements,
    look_at_cohort,
    look_at_inbox,
    sign_in_page,
)

RATE = 10
RECOVERY_SECONDS = 180
READS = {step.__name__ for step in (list_announcements, look_at_cohort, look_at_inbox, sign_in_page)}


def test_a_web_pod_that_is_killed_fails_no_read(kube: Kube, scenario: Scenario) -> None:
    """For each service, kill a pod's processes, then delete the other pod without a grace period."""
    before = kube.ready_counts()
    with Traffic(scenario, RATE, MIXED) as traffic:
        for service in SERVICES:
            first, second = kube.pods("web", service)[:2]
            with traffic.during(f"kill -9, {service}"):
                kill_processes(first)
                kube.wait(
                    kube.core.list_namespaced_pod,
                    lambda pods: restarted(pods, first),  # noqa: B023
                    "a new start",
                    seconds=RECOVERY_SECONDS,
                )
            with traffic.during(f"delete, {service}"):
                kube.kill(second)
                kube.wait_for_recovery(before, [second], seconds=RECOVERY_SECONDS)
    failed = [
        sample
        for sample in traffic.seen
        if sample.what.partition(":")[0] in READS and not 200 <= sample.status < 300
    ]
    writes = [sample for sample in traffic.seen if sample.what.partition(":")[0] not in READS]
    print(
        f"{len(traffic.seen) - len(writes)} reads, {len(failed)} failed; {len(writes)} writes,"
        f" {sum(not 200 <= sample.status < 300 for sample in writes)} failed"
    )
    assert not failed, failed[:10]
    traffic.assert_exactly_once(seconds=120)


def kill_processes(pod: Pod) -> None:
    """Send SIGKILL to a container's processes from its node."""
    container = pod.status.container_statuses[0].container_id.partition("://")[2]
    script = f"kill -KILL $(grep -l {container} /proc/[0-9]*/cgroup | cut -d/ -f3)"
    docker("exec", pod.spec.node_name, "sh", "-c", script, check=False)


def restarted(pods: list[Pod], pod: Pod) -> bool:
    """Return True if the pod's container was restarted and is ready."""
    was = pod.status.container_statuses[0].restart_count
    return any(
        candidate.metadata.uid == pod.metadata.uid
        and candidate.status.container_statuses[0].restart_count > was
        and is_ready(candidate)
        for candidate in pods
    )
