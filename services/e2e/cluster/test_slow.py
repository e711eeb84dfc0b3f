"""Slow clients against the cluster's Gateway: other requests are answered, and no pod restarts."""

from __future__ import annotations

import pytest
from slow.senders import Body, attack, deliveries, forms

from cluster import release
from cluster.kube import Kube

EACH, SECONDS = 20, 60


@pytest.mark.parametrize("bodies", [forms(EACH), deliveries(EACH)], ids=["forms", "deliveries"])
def test_slow_senders_stop_nobody(kube: Kube, installed: float, bodies: list[Body]) -> None:
    # Wait for pods that the autoscaler is removing.
    kube.wait(
        kube.core.list_namespaced_pod,
        lambda pods: all(pod.metadata.deletion_timestamp is None for pod in pods),
        "no pod that ends",
        seconds=120,
    )
    before = kube.restarts()
    report = attack(release.URL, bodies, seconds=SECONDS)
    report.assert_answered(at_least=SECONDS)
    assert kube.restarts() == before
