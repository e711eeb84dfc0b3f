"""HTTPRoute and Ingress lead to the gateway, which lets in what services/contracts/routes.json lists."""

from __future__ import annotations

import json
from collections.abc import Callable

import charts
import pytest
from charts import Object, of_kind

import render_gateway

TABLE = render_gateway.read()
# A path, whether everything below it too, the Service and its port.
Target = tuple[str, bool, str, int]
GATEWAY = ("/", True, "seodang-gateway", 8000)


def by_http_route(objects: list[Object]) -> list[Target]:
    return [
        (match["path"]["value"], match["path"]["type"] == "PathPrefix", to["name"], to["port"])
        for route in of_kind(objects, "HTTPRoute")
        for rule in route["spec"]["rules"]
        for to in rule["backendRefs"]
        # What the Gateway API says of a rule without matches.
        for match in rule.get("matches", [{"path": {"type": "PathPrefix", "value": "/"}}])
    ]


def by_ingress(objects: list[Object]) -> list[Target]:
    ports = {
        (service["metadata"]["name"], port["name"]): port["port"]
        for service in of_kind(objects, "Service")
        for port in service["spec"]["ports"]
    }
    return [
        (path["path"], path["pathType"] == "Prefix", to["name"], ports[to["name"], to["port"]["name"]])
        for ingress in of_kind(objects, "Ingress")
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
        for to in [path["backend"]["service"]]
    ]


ROUTES: dict[str, Callable[[list[Object]], list[Target]]] = {
    "httproute": by_http_route,
    "ingress": by_ingress,
}


def gateway_environment(objects: list[Object]) -> dict[str, str]:
    gateway = next(
        deployment
        for deployment in of_kind(objects, "Deployment")
        if deployment["metadata"]["name"] == "seodang-gateway"
    )
    return {variable["name"]: variable["value"] for variable in charts.pod(gateway)["containers"][0]["env"]}


@pytest.mark.parametrize("route", ROUTES)
def test_it_leads_to_the_gateway_and_nowhere_else(route: str) -> None:
    assert ROUTES[route](charts.render(charts.VALUES[route])) == [GATEWAY]


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_is_off_by_default(route: str) -> None:
    assert ROUTES[route](charts.render(charts.TRIAL)) == []


@pytest.mark.parametrize("route", ROUTES)
def test_only_its_forwarding_headers_are_trusted(route: str) -> None:
    assert (
        gateway_environment(charts.render(charts.VALUES[route]))["GATEWAY_TRUSTED_PROXIES"]
        == "private_ranges"
    )
    assert "GATEWAY_TRUSTED_PROXIES" not in gateway_environment(charts.render(charts.TRIAL))


def test_trusted_proxies_can_be_set() -> None:
    values: Object = {**charts.ROUTED, "gateway": {"trustedProxies": ["192.0.2.0/24", "2001:db8::/32"]}}
    found = gateway_environment(charts.render(values))
    assert found["GATEWAY_TRUSTED_PROXIES"] == "192.0.2.0/24 2001:db8::/32"


def test_a_service_that_is_off_is_not_there() -> None:
    objects = charts.render({**charts.ROUTED, "notification": {"enabled": False}})

    assert "GATEWAY_NOTIFICATION" not in gateway_environment(objects)
    assert "seodang-notification" not in json.dumps([*of_kind(objects, "Deployment", "Service", "Job")])


def test_the_gateway_resolves_pods_and_not_a_cluster_ip() -> None:
    objects = charts.render(charts.TRIAL)
    services = {service["metadata"]["name"]: service["spec"] for service in of_kind(objects, "Service")}

    for name in render_gateway.UPSTREAMS:
        service_name, port = gateway_environment(objects)[f"GATEWAY_{name.upper()}"].split()
        assert services[service_name]["clusterIP"] == "None"
        assert services[service_name]["selector"] == services[f"seodang-{name}"]["selector"]
        assert port in {str(entry["port"]) for entry in services[service_name]["ports"]}


def test_the_gateway_is_the_one_that_everybody_runs() -> None:
    objects = charts.render(charts.TRIAL)
    (files,) = (
        config_map["data"]
        for config_map in of_kind(objects, "ConfigMap")
        if config_map["metadata"]["name"] == "seodang-gateway"
    )

    assert files["Caddyfile"] == render_gateway.CADDYFILE.read_text(encoding="utf-8")
    pages = {"again.html", "again.js", "down.html", "missing.html", "too-large.html"}
    assert {*pages, "seodang.css"} <= set(files)
    assert "seodang-mail-sink 8025" in files["mail.caddy"]
