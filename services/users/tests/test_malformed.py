"""No endpoint answers a malformed request with a server error."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chassis.testing.probe import Probe
from chassis.web.endpoints import Endpoint, endpoints
from tests.test_authorization import BASE, TABLE, Scenario, scenario  # noqa: F401 - a fixture
from users.accounts.models import Account

pytestmark = pytest.mark.django_db

ENDPOINTS = list(endpoints())


@pytest.fixture(params=ENDPOINTS, ids=lambda endpoint: endpoint.template)
def endpoint(request: Any) -> Endpoint:
    found: Endpoint = request.param
    return found


def test_a_malformed_request_is_refused(
    endpoint: Endpoint,
    scenario: Scenario,  # noqa: F811
    olga: Account,
    browser: Any,
    api_for: Any,
) -> None:
    internal = endpoint.template.startswith("/internal/")
    for principal in (api_for("study") if internal else browser(olga), Client()):
        probe = Probe(principal, is_api=endpoint.is_api)

        probe.requests(endpoint, scenario.ids)

        assert not probe.faults
        assert probe.sent


def test_a_form_with_one_odd_field_is_refused(endpoint: Endpoint, olga: Account, browser: Any) -> None:
    for principal in (Client(), browser(olga)):
        probe = Probe(principal, is_api=False)

        probe.forms(endpoint.path({}))

        assert not probe.faults


def test_a_body_with_one_odd_value_is_refused(scenario: Scenario, olga: Account, api_for: Any) -> None:  # noqa: F811
    probe = Probe(api_for(olga))

    for (method, path), (body, _answers) in TABLE.items():
        probe.body(method, BASE + path.format(**scenario.ids), body or {})

    assert not probe.faults
    assert probe.sent
