"""Each of the three doors lets in what services/contracts/routes.json lists, and no more."""

from __future__ import annotations

import json
from collections.abc import Callable

import charts
import pytest
from charts import Object, of_kind

import render_gateway

TABLE = render_gateway.read()
MAIL = ("/_mail", False, "seodang-mail-sink", 8025)
LISTED = {(one.path, one.exact, f"seodang-{one.service}", 8000) for one in TABLE.routes}


def by_http_route(objects: list[Object]) -> list[tuple[str, bool, str, int]]:
    return [
        (match["path"]["value"], match["path"]["type"] == "Exact", to["name"], to["port"])
        for one in of_kind(objects, "HTTPRoute")
        for rule in one["spec"]["rules"]
        for to in rule["backendRefs"]
        for match in rule["matches"]
    ]


def by_ingress(objects: list[Object]) -> list[tuple[str, bool, str, int]]:
    ports = {
        (one["metadata"]["name"], port["name"]): port["port"]
        for one in of_kind(objects, "Service")
        for port in one["spec"]["ports"]
    }
    return [
        (path["path"], path["pathType"] == "Exact", to["name"], ports[to["name"], to["port"]["name"]])
        for one in of_kind(objects, "Ingress")
        for rule in one["spec"]["rules"]
        for path in rule["http"]["paths"]
        for to in [path["backend"]["service"]]
    ]


DOORS: dict[str, Callable[[list[Object]], list[tuple[str, bool, str, int]]]] = {
    "httproute": by_http_route,
    "ingress": by_ingress,
}


@pytest.mark.parametrize("door", DOORS)
def test_the_routes_are_the_list(door: str) -> None:
    found = DOORS[door](charts.render(charts.VALUES[door]))

    assert len(found) == len(set(found))
    assert set(found) == LISTED | {MAIL}


@pytest.mark.parametrize("door", DOORS)
def test_what_is_never_routed_is_below_no_path(door: str) -> None:
    for path, exact, _, _ in DOORS[door](charts.render(charts.VALUES[door])):
        for never in TABLE.never:
            assert not f"{path}/".startswith(f"{never}/")
            assert exact or not never.startswith(f"{path.rstrip('/')}/"), f"{never} is below {path}"


@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_shut_unless_asked_for(door: str) -> None:
    assert DOORS[door](charts.render(charts.TRIAL)) == []


def test_without_a_mail_sink_there_is_no_way_to_it() -> None:
    values: Object = {"httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}]}}

    assert set(by_http_route(charts.render(values))) == LISTED


def test_a_service_that_is_off_is_not_routed_to() -> None:
    values: Object = {**charts.ROUTED, "notification": {"enabled": False}}
    objects = charts.render(values)

    assert set(by_http_route(objects)) == {one for one in LISTED if one[2] != "seodang-notification"} | {MAIL}
    assert "seodang-notification" not in json.dumps([*of_kind(objects, "Deployment", "Service", "Job")])


def test_the_gateway_is_the_one_that_everybody_runs() -> None:
    objects = charts.render(charts.TRIAL)
    (files,) = (
        one["data"] for one in of_kind(objects, "ConfigMap") if one["metadata"]["name"] == "seodang-gateway"
    )
    gateway = next(
        one for one in of_kind(objects, "Deployment") if one["metadata"]["name"] == "seodang-gateway"
    )
    env = {one["name"]: one["value"] for one in charts.pod(gateway)["containers"][0]["env"]}

    assert files["Caddyfile"] == render_gateway.CADDYFILE.read_text(encoding="utf-8")
    assert {"down.html", "missing.html", "too-large.html", "seodang.css"} <= set(files)
    assert "seodang-mail-sink:8025" in files["mail.caddy"]
    for name in TABLE.services:
        assert env[f"GATEWAY_{name.upper()}"] == f"seodang-{name}:8000"
