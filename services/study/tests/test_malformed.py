"""No endpoint answers a malformed request with a server error."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from chassis.testing.probe import Probe
from chassis.web.endpoints import Endpoint, endpoints
from tests.conftest import OLGA
from tests.test_authorization import TABLES, fill_in, operations  # noqa: F401 - a fixture

ENDPOINTS = list(endpoints())
PAGES = [endpoint for endpoint in ENDPOINTS if not endpoint.is_api]


def ids_for(endpoint: Endpoint, club: SimpleNamespace) -> dict[str, Any]:
    """Make the rows of the first authorization table that names all of the path's parameters."""
    ids: dict[str, Any] = {
        "cohort_id": club.cohort.id,
        "part_id": club.backend.id,
        "team_id": club.team.id,
        "week_id": club.weeks[2].id,
        "membership_id": club.ada.id,
    }
    for table in TABLES:
        if set(endpoint.converters) <= set(ids):
            break
        with transaction.atomic():
            found = {**ids, **table.create_rows(club)}
            if set(endpoint.converters) <= set(found):
                return found
            transaction.set_rollback(True)
    return ids


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.template)
def test_a_malformed_request_is_refused(
    endpoint: Endpoint, club: SimpleNamespace, api_as: Callable[..., Any], as_principal: Callable[..., Any]
) -> None:
    internal = endpoint.template.startswith("/internal/")
    principal = api_as("notification", use="service") if internal else as_principal(OLGA, roles=["owner"])
    ids = ids_for(endpoint, club)
    for who in (principal, as_principal(None)):
        probe = Probe(who, is_api=endpoint.is_api)

        probe.requests(endpoint, ids)

        assert not probe.faults
        assert probe.sent


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_a_body_with_one_odd_value_is_refused(
    table: ModuleType,
    operations: dict[str, tuple[str, str]],  # noqa: F811
    club: SimpleNamespace,
    api_as: Callable[..., Any],
) -> None:
    probe = Probe(api_as(OLGA, roles=["owner"]))
    values = table.create_rows(club)

    for operation, row in table.ROWS.items():
        method, template = operations[operation]
        probe.body(method, template.format(**values), fill_in(row.body, values) or {})

    assert not probe.faults


# Some forms have many fields, and MySQL may be slow.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("endpoint", PAGES, ids=lambda endpoint: endpoint.template)
def test_a_form_with_one_odd_field_is_refused(
    endpoint: Endpoint, club: SimpleNamespace, as_principal: Callable[..., Any]
) -> None:
    probe = Probe(as_principal(OLGA, roles=["owner"]), is_api=False)

    probe.forms(endpoint.path(ids_for(endpoint, club)))

    assert not probe.faults


def test_what_is_too_large_is_413_for_programs_and_people(
    club: SimpleNamespace, api_as: Callable[..., Any], as_principal: Callable[..., Any]
) -> None:
    large = "x" * 3_000_000

    response = api_as(OLGA, roles=["owner"]).post("/api/v1/study/cohorts", {"title": large})
    page = as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/settings/name/", {"title": large})

    assert (response.status_code, response["Content-Type"]) == (413, "application/problem+json")
    assert response.json()["code"] == "too_large"
    assert (page.status_code, page["Content-Type"]) == (413, "text/html; charset=utf-8")
