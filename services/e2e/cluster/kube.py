"""One namespace of a cluster, by the official client: wait, inspect, kill, drain.

Every call has a timeout of CALL seconds, every watch of RELIST, and each wait has its own.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import urllib3
from kubernetes import client, config, stream, watch
from kubernetes.client.rest import ApiException

CALL = 20
# Seconds between full lists, because a watch may miss events.
RELIST = 20
Pod = Any
ReadyCounts = Counter[tuple[str, str]]


class TimeoutClient(client.ApiClient):  # type: ignore[misc]  # taken for untyped
    """A client with a default timeout."""

    def call_api(self, *words: Any, _request_timeout: float | None = None, **more: Any) -> Any:
        return super().call_api(*words, _request_timeout=_request_timeout or CALL, **more)


class Kube:
    """A namespace."""

    def __init__(self, context: str, namespace: str) -> None:
        self._configuration = client.Configuration()
        config.load_kube_config(context=context, client_configuration=self._configuration)
        self._configuration.retries = 3
        self.namespace = namespace
        api = TimeoutClient(self._configuration)
        self.core = client.CoreV1Api(api)
        self.apps = client.AppsV1Api(api)
        self.version = client.VersionApi(api)

    def pods(self, component: str = "", service: str = "") -> list[Pod]:
        """Return the release's pods, without those of Jobs."""
        found = self.core.list_namespaced_pod(self.namespace).items
        return [pod for pod in found if is_replaced(pod) and matches(pod, component, service)]

    def wait(
        self, listing: Callable[..., Any], is_so: Callable[[list[Any]], object], what: str, *, seconds: float
    ) -> float:
        """Wait until a condition on the objects of `listing` is true; return the seconds.

        Lists, then watches; repeats when the watch ends, breaks or is too old (410). Raise AssertionError
        with `what` after the timeout.
        """
        began = time.monotonic()
        while (left := began + seconds - time.monotonic()) > 0:
            try:
                for seen in self._snapshots(listing, min(RELIST, int(left) + 1)):
                    if is_so(seen):
                        return time.monotonic() - began
            except ApiException as error:
                if error.status not in {0, 410, 429, 500, 503, 504}:
                    raise
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.2)
        raise AssertionError(f"waited {seconds:.0f} s for {what}; the pods:\n{self.summary()}")

    def _snapshots(self, listing: Callable[..., Any], seconds: int) -> Iterator[list[Any]]:
        found = listing(self.namespace)
        seen = {obj.metadata.uid: obj for obj in found.items}
        yield list(seen.values())
        since = found.metadata.resource_version
        # The iteration raises, not this call.
        for event in watch.Watch().stream(
            listing,
            self.namespace,
            resource_version=since,
            timeout_seconds=seconds,
            _request_timeout=seconds + 5,
        ):
            obj = event["object"]
            seen.pop(obj.metadata.uid, None)
            if event["type"] != "DELETED":
                seen[obj.metadata.uid] = obj
            yield list(seen.values())

    def wait_for_rollout(self, *, seconds: float) -> float:
        """Wait until every workload is rolled out; return the seconds."""
        began = time.monotonic()
        for listing in (self.apps.list_namespaced_stateful_set, self.apps.list_namespaced_deployment):
            left = began + seconds - time.monotonic()
            self.wait(
                listing, lambda all_: all_ and all(map(is_rolled_out, all_)), "the rollout", seconds=left
            )
        return time.monotonic() - began

    def ready_counts(self) -> ReadyCounts:
        """Return the number of ready pods of each kind."""
        return ready_counts(self.pods())

    def kill(self, *pods: Pod) -> None:
        """Delete pods without a grace period."""
        for pod in pods:
            self.core.delete_namespaced_pod(pod.metadata.name, self.namespace, grace_period_seconds=0)

    def scale(self, deployment: str, replicas: int) -> None:
        """Set the replicas of a deployment."""
        body = {"spec": {"replicas": replicas}}
        self.apps.patch_namespaced_deployment_scale(deployment, self.namespace, body)

    def wait_until_none_terminates(self, *, seconds: float) -> float:
        """Wait until no pod is terminating; return the seconds."""
        return self.wait(
            self.core.list_namespaced_pod,
            lambda pods: not any(pod.metadata.deletion_timestamp for pod in pods),
            "the end of pods",
            seconds=seconds,
        )

    def wait_for_recovery(self, before: ReadyCounts, gone: list[Pod], *, seconds: float) -> float:
        """Wait until as many pods are ready as before, without the given ones; return the seconds."""
        uids = {pod.metadata.uid for pod in gone}

        def is_so(pods: list[Pod]) -> bool:
            return not uids & {pod.metadata.uid for pod in pods} and ready_counts(pods) >= before

        names = ", ".join(pod.metadata.name for pod in gone)
        return self.wait(self.core.list_namespaced_pod, is_so, f"others in place of {names}", seconds=seconds)

    def run(self, pod: Pod, *command: str, stdin: str = "", seconds: int = 60) -> str:
        """Run a command in the pod's container and return its output. Raise AssertionError if it fails."""
        # A separate client: the stream modifies it.
        wire = stream.stream(
            client.CoreV1Api(TimeoutClient(self._configuration)).connect_get_namespaced_pod_exec,
            pod.metadata.name, self.namespace, command=list(command), container=pod.spec.containers[0].name,
            stdin=bool(stdin), stdout=True, stderr=True, tty=False, _preload_content=False,
        )  # fmt: skip
        try:
            if stdin:
                wire.write_stdin(stdin)
            wire.run_forever(timeout=seconds)
            said = wire.read_channel(stream.ws_client.STDOUT_CHANNEL)
            assert not wire.is_open(), f"{command[:4]} runs for longer than {seconds} s"
            assert wire.returncode == 0, said + wire.read_channel(stream.ws_client.STDERR_CHANNEL)
        finally:
            # close() leaves the socket open after the server has closed the stream.
            wire.sock.shutdown()
        return str(said)

    def metrics(self, pod: Pod) -> dict[str, float]:
        """Return the metrics without labels of a web pod."""
        forward = stream.portforward(
            client.CoreV1Api(TimeoutClient(self._configuration)).connect_get_namespaced_pod_portforward,
            pod.metadata.name, self.namespace, ports="9000",
        )  # fmt: skip
        with closing(forward.socket(9000)) as wire:
            wire.settimeout(CALL)
            wire.sendall(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
            text = b"".join(iter(lambda: wire.recv(65536), b"")).decode()
        # As above, after the forwarding thread has ended.
        for thread in threading.enumerate():
            if thread.name.startswith("Kubernetes port forward"):
                thread.join(CALL)
        forward.websocket.shutdown()
        lines = (line.split() for line in text.splitlines() if line.startswith("seodang_"))
        return {name: float(value) for name, value in lines}

    def restarts(self) -> dict[str, int]:
        """Return the number of restarts of each pod's container."""
        return {pod.metadata.name: pod.status.container_statuses[0].restart_count for pod in self.pods()}

    @contextmanager
    def drained(self, node: str, *, seconds: float) -> Iterator[float]:
        """Keep the namespace's pods off a node while the block runs; yield the seconds of the drain.

        As `kubectl drain`: cordon the node and evict the pods, which a PodDisruptionBudget may delay (429).
        Pods of other namespaces stay.
        """
        began = time.monotonic()
        self.core.patch_node(node, {"spec": {"unschedulable": True}})
        try:
            leaving = [pod for pod in self.pods() if pod.spec.node_name == node]
            for pod in leaving:
                self._evict(pod.metadata.name, until=began + seconds)
            uids = {pod.metadata.uid for pod in leaving}
            self.wait(
                self.core.list_namespaced_pod,
                lambda pods: not uids & {pod.metadata.uid for pod in pods},
                f"an empty {node}",
                seconds=began + seconds - time.monotonic(),
            )
            yield time.monotonic() - began
        finally:
            self.core.patch_node(node, {"spec": {"unschedulable": None}})

    def _evict(self, name: str, *, until: float) -> None:
        body = client.V1Eviction(metadata=client.V1ObjectMeta(name=name, namespace=self.namespace))
        while True:
            try:
                self.core.create_namespaced_pod_eviction(name, self.namespace, body)
                return
            except ApiException as error:
                if error.status == 404:
                    return
                if error.status != 429 or time.monotonic() > until:
                    raise
                time.sleep(float(error.headers.get("Retry-After") or 2))

    def summary(self) -> str:
        """Return a line about each pod."""
        return "\n".join(
            f"  {pod.metadata.name} {pod.status.phase} on {pod.spec.node_name},"
            f" {'ready' if is_ready(pod) else 'not ready'}"
            for pod in self.core.list_namespaced_pod(self.namespace).items
        )

    def save_diagnostics(self, folder: Path) -> None:
        """Save the pods, the events and the end of every log."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pods = self.core.list_namespaced_pod(self.namespace).items
        plain = client.ApiClient().sanitize_for_serialization
        (folder / "pods.json").write_text(json.dumps(plain(pods), indent=1), encoding="utf-8")
        events = self.core.list_namespaced_event(self.namespace).items
        lines = sorted(
            f"{event.last_timestamp or event.event_time} {event.type} {event.reason}"
            f" {event.involved_object.kind}/{event.involved_object.name} {event.message}"
            for event in events
        )
        (folder / "events.txt").write_text("\n".join(lines), encoding="utf-8")
        for pod in pods:
            for container in [*(pod.spec.init_containers or []), *pod.spec.containers]:
                for previous in (False, True):
                    self._save_log(folder, pod.metadata.name, container.name, previous=previous)

    def _save_log(self, folder: Path, pod: str, container: str, *, previous: bool) -> None:
        try:
            text = self.core.read_namespaced_pod_log(
                pod, self.namespace, container=container, previous=previous, tail_lines=2000
            )
        except ApiException:  # the container never ran
            return
        name = f"{pod}.{container}{'.previous' if previous else ''}.log"
        (folder / name).write_text(text or "", encoding="utf-8")


def kind_of(pod: Pod) -> tuple[str, str]:
    """Return the service and the component of a pod."""
    labels = pod.metadata.labels or {}
    return labels.get("app.kubernetes.io/name", ""), labels.get("app.kubernetes.io/component", "")


def matches(pod: Pod, component: str, service: str) -> bool:
    """Return True if the pod has the component and the service; empty ones match all."""
    of, is_ = kind_of(pod)
    return component in {"", is_} and service in {"", of}


def is_replaced(pod: Pod) -> bool:
    """Return True if the pod is replaced when it is deleted, unlike a Job's."""
    return not any(owner.kind == "Job" for owner in pod.metadata.owner_references or [])


def is_ready(pod: Pod) -> bool:
    """Return True if the pod is ready and not terminating."""
    conditions = {condition.type: condition.status for condition in pod.status.conditions or []}
    return pod.metadata.deletion_timestamp is None and conditions.get("Ready") == "True"


def ready_counts(pods: list[Pod]) -> ReadyCounts:
    """Return the number of ready pods of each kind."""
    return Counter(kind_of(pod) for pod in pods if is_replaced(pod) and is_ready(pod))


def is_rolled_out(workload: Any) -> bool:
    """Return True if all pods of a workload are current and ready, and no others are left."""
    wanted, status = workload.spec.replicas, workload.status
    ready = [status.ready_replicas, status.updated_replicas, status.replicas]
    return status.observed_generation == workload.metadata.generation and all(
        (count or 0) == wanted for count in ready
    )
