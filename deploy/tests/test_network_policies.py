"""The connections that the NetworkPolicies allow equal the table in the README."""

from __future__ import annotations

from itertools import product
from typing import Any

import charts
import pytest
from charts import Object, of_kind

import manifests

Edge = tuple[str, str, int]
NAMESPACE = {"kubernetes.io/metadata.name": "seodang"}


def documented() -> set[Edge]:
    """Return the edges of the README's table."""
    text = (manifests.CHART / "README.md").read_text(encoding="utf-8")
    table = text.partition("## Who may speak to whom")[2].partition("|---|---|---|\n")[2].partition("\n\n")[0]
    rows = [[cell.strip().split(", ") for cell in row.strip("|").split("|")] for row in table.splitlines()]
    return {(a, b, int(port)) for row in rows for a, b, port in product(*row)}


def selects(selector: Object, labels: Object) -> bool:
    """Return True if the label selector matches."""
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        labels.get(expression["key"]) in expression["values"]
        for expression in selector.get("matchExpressions", [])
    )


def allows(rules: list[Object], way: str, labels: Object, port: int) -> bool:
    """Return True if a rule allows a pod of the same namespace with these labels."""
    return any(
        port in ports_of(rule) and (way not in rule or any(matches(peer, labels) for peer in rule[way]))
        for rule in rules
    )


def matches(peer: Object, labels: Object) -> bool:
    if "ipBlock" in peer or not selects(peer.get("namespaceSelector", {}), NAMESPACE):
        return False
    return selects(peer.get("podSelector", {}), labels)


def edges(values: Object) -> set[Edge]:
    """Return every edge that both ends allow. Sources are services; targets are their web pods."""
    objects = charts.render(values)
    policies = [policy["spec"] for policy in of_kind(objects, "NetworkPolicy")]
    pods = [
        (
            template["metadata"]["labels"],
            {p["containerPort"] for p in template["spec"]["containers"][0].get("ports", [])},
        )
        for workload in of_kind(objects, *charts.POD_KINDS)
        for template in [workload["spec"]["template"]]
    ]

    def rules(labels: Object, way: str) -> list[Object]:
        chosen = [
            policy
            for policy in policies
            if selects(policy["podSelector"], labels) and way in policy["policyTypes"]
        ]
        assert chosen, f"nothing holds back the {way} of {labels}"
        return [rule for policy in chosen for rule in policy.get(way.lower(), [])]

    found = set()
    for (source, _), (target, ports) in product(pods, pods):
        for port in ports:
            out = allows(rules(source, "Egress"), "to", target, port)
            if out and allows(rules(target, "Ingress"), "from", source, port):
                found.add((whole(source), aim(target), port))
    for labels, _ in pods:
        found |= {
            (whole(labels), beyond(rule, "to"), port)
            for rule in rules(labels, "Egress")
            for port in ports_of(rule)
        }
        found |= {
            (beyond(rule, "from"), whole(labels), port)
            for rule in rules(labels, "Ingress")
            for port in ports_of(rule)
        }
    return {edge for edge in found if "" not in edge}


def ports_of(rule: Object) -> set[int]:
    return {port["port"] for port in rule["ports"]}


def whole(labels: Object) -> str:
    return str(labels["app.kubernetes.io/name"])


def aim(labels: Object) -> str:
    web = labels["app.kubernetes.io/component"] == "web"
    return f"{whole(labels)} web" if web else whole(labels)


def beyond(rule: Object, way: str) -> str:
    """Return the part of a rule outside the release; empty if there is none."""
    peers: list[Any] = rule.get(way, [{"ipBlock": {}}])
    if 53 in ports_of(rule):
        return "DNS"
    spaces = [peer["namespaceSelector"] for peer in peers if "namespaceSelector" in peer]
    if spaces:
        return " ".join(
            name
            for space in spaces
            for expression in space["matchExpressions"]
            for name in expression["values"]
        )
    return {"to": "outside", "from": "anywhere"}[way] if any("ipBlock" in peer for peer in peers) else ""


def test_the_edges_are_those_of_the_readme() -> None:
    assert edges(charts.TRIAL) == documented()


def test_every_component_of_a_service_is_held_alike() -> None:
    for policy in of_kind(charts.render(charts.TRIAL), "NetworkPolicy"):
        component = policy["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/component")
        assert component is None or policy["spec"]["policyTypes"] == ["Ingress"]


SERVICES = ("users", "study", "notification")
MYSQL = {(name, "outside", 3306) for name in SERVICES}
REDIS = {(name, "outside", 6379) for name in SERVICES}
SMTP = {(name, "outside", port) for name in ("users", "notification") for port in (25, 465, 587)}
# GitHub; for notification the push services of browsers, and chats.
HTTPS = {(name, "outside", 443) for name in SERVICES}
PROXY = {(name, "outside", 3128) for name in SERVICES}
COMES: set[Edge] = {("anywhere", "gateway", 8000)}


def to(address: str) -> list[Object]:
    return [{"ipBlock": {"cidr": address}}]


# What values say → who reaches, or is reached by, what is no pod of the release (DNS apart).
BEYOND: dict[str, tuple[Object, set[Edge]]] = {
    "defaults": ({}, MYSQL | REDIS | SMTP | HTTPS | COMES),
    "the trial": (charts.TRIAL, HTTPS | COMES),
    "servers on other ports": (
        {"global": {"mysql": {"port": 3307}, "redis": {"port": 6380}}},
        {(name, "outside", port) for name in SERVICES for port in (3307, 6380)} | SMTP | HTTPS | COMES,
    ),
    "a GitHub Enterprise": (
        {"networkPolicy": {"external": {"https": {"to": to("10.1.2.3/32"), "ports": [8443]}}}},
        MYSQL | REDIS | SMTP | {(name, "outside", 8443) for name in SERVICES} | COMES,
    ),
    "a proxy beside the open internet": (
        {"networkPolicy": {"external": {"proxy": {"to": to("10.1.2.4/32"), "ports": [3128]}}}},
        MYSQL | REDIS | SMTP | HTTPS | PROXY | COMES,
    ),
    "a proxy alone": (
        {
            "networkPolicy": {
                "external": {"https": {"ports": []}, "proxy": {"to": to("10.1.2.4/32"), "ports": [3128]}}
            }
        },
        MYSQL | REDIS | SMTP | PROXY | COMES,
    ),
    "an HTTPRoute": (
        {**charts.ROUTED, "networkPolicy": {"gatewayNamespaces": ["edge"]}},
        HTTPS | {("edge", "gateway", 8000)},
    ),
    "an Ingress and Prometheus": (
        {
            **charts.INGRESS,
            "networkPolicy": {"gatewayNamespaces": ["edge"], "metricsNamespaces": ["monitoring"]},
        },
        HTTPS | {("edge", "gateway", 8000)} | {("monitoring", name, 9000) for name in SERVICES},
    ),
}


@pytest.mark.parametrize("values", BEYOND)
def test_who_reaches_beyond_the_release_and_into_it(values: str) -> None:
    given, wanted = BEYOND[values]
    inside = {
        *SERVICES,
        *(f"{name} web" for name in SERVICES),
        "gateway",
        "journey",
        "mysql",
        "redis",
        "mail-sink",
        "DNS",
    }
    found = {edge for edge in edges(given) if not {edge[0], edge[1]} <= inside}

    assert found == wanted


def test_prometheus_reaches_worker_relay_and_beat_as_well() -> None:
    values: Object = {"networkPolicy": {"metricsNamespaces": ["monitoring"]}}
    scraped = [
        policy["spec"]["podSelector"]["matchLabels"]
        for policy in of_kind(charts.render(values), "NetworkPolicy")
        if any(beyond(rule, "from") == "monitoring" for rule in policy["spec"].get("ingress", []))
    ]

    # Whatever the component.
    assert [labels.get("app.kubernetes.io/component") for labels in scraped] == [None] * len(SERVICES)


def egress(values: Object, name: str, port: int) -> list[Object]:
    """Return the peers that a service may reach on a port."""
    policies = {
        policy["metadata"]["name"]: policy["spec"]
        for policy in of_kind(charts.render(values), "NetworkPolicy")
    }
    (rule,) = (rule for rule in policies[f"seodang-{name}"]["egress"] if port in ports_of(rule))
    found: list[Object] = rule["to"]
    return found


def test_no_private_address_is_taken_for_github() -> None:
    blocks = {peer["ipBlock"]["cidr"]: set(peer["ipBlock"]["except"]) for peer in egress({}, "study", 443)}

    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= blocks["0.0.0.0/0"]
    assert "fc00::/7" in blocks["::/0"]


@pytest.mark.parametrize(
    ("external", "port"), [("https", 443), ("proxy", 3128), ("mysql", 3306), ("redis", 6379)]
)
def test_it_can_be_said_where_they_are(external: str, port: int) -> None:
    more = {} if external in {"mysql", "redis"} else {"ports": [port]}
    values: Object = {"networkPolicy": {"external": {external: {"to": to("10.1.2.3/32"), **more}}}}

    assert egress(values, "study", port) == to("10.1.2.3/32")


@pytest.mark.parametrize("name", [*SERVICES, "gateway", "journey"])
def test_names_can_be_asked_of_a_dns_that_is_elsewhere(name: str) -> None:
    values: Object = {"networkPolicy": {"external": {"dns": {"to": to("10.0.0.53/32"), "ports": [5353]}}}}

    assert egress({}, name, 53)[0] == {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    }
    assert egress(values, name, 5353) == to("10.0.0.53/32")


def test_they_can_be_left_out() -> None:
    assert [*of_kind(charts.render({"networkPolicy": {"enabled": False}}), "NetworkPolicy")] == []
