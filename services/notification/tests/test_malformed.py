"""No endpoint returns a server error for a malformed request."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.testing.probe import Probe
from chassis.web.endpoints import Endpoint, endpoints
from tests.conftest import ADA
from tests.test_authorization import BODIES, operations, rows  # noqa: F401 - a fixture

ENDPOINTS = list(endpoints())


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.template)
def test_a_malformed_request_is_refused(
    endpoint: Endpoint,
    rows: SimpleNamespace,  # noqa: F811
    as_principal: Callable[..., Any],
) -> None:
    ids = vars(rows)
    for principal in (as_principal(ADA, roles=["owner"]), as_principal(None)):
        probe = Probe(principal, is_api=endpoint.is_api)

        probe.requests(endpoint, ids)
        if not endpoint.is_api:
            probe.forms(endpoint.path(ids))

        assert not probe.faults
        assert probe.sent


def test_a_body_with_one_odd_value_is_refused(
    rows: SimpleNamespace,  # noqa: F811
    api_as: Callable[..., Any],
) -> None:
    probe = Probe(api_as(ADA))

    for operation, body in BODIES.items():
        method, template = operations()[operation]
        probe.body(method, template.format(**vars(rows)), body)

    assert not probe.faults
    assert probe.sent
