"""Slow clients against the cluster's Gateway: other requests are answered, and no pod restarts."""

from __future__ import annotations

import pytest
from slow.senders import Body, attack, deliveries, forms

from cluster import release
from cluster.kube import Kube

# Every run tests the same gateway in compose.
pytestmark = pytest.mark.nightly

EACH, SECONDS = 20, 60


@pytest.mark.parametrize("bodies", [forms(EACH), deliveries(EACH)], ids=["forms", "deliveries"])
def test_slow_senders_stop_nobody(kube: Kube, installed: float, bodies: list[Body]) -> None:
    # The autoscaler may be removing pods.
    kube.wait_until_none_terminates(seconds=120)
    before = kube.restarts()
    report = attack(release.URL, bodies, seconds=SECONDS)
    report.assert_answered(at_least=SECONDS)
    assert kube.restarts() == before
