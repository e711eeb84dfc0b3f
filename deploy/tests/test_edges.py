"""Who may speak to whom, worked out of the NetworkPolicies as a cluster does, is as the README says."""

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
    """The README's table, a line an edge."""
    text = (manifests.CHART / "README.md").read_text(encoding="utf-8")
    table = text.partition("## Who may speak to whom")[2].partition("|---|---|---|\n")[2].partition("\n\n")[0]
    rows = [[cell.strip().split(", ") for cell in row.strip("|").split("|")] for row in table.splitlines()]
    return {(a, b, int(port)) for row in rows for a, b, port in product(*row)}


def selects(selector: Object, labels: Object) -> bool:
    """Whether a label selector does."""
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", [])
    )


def allows(rules: list[Object], way: str, labels: Object, port: int) -> bool:
    """Whether one of the rules lets a pod of the same namespace with these labels through."""
    return any(
        port in {one["port"] for one in rule["ports"]}
        and (way not in rule or any(matches(peer, labels) for peer in rule[way]))
        for rule in rules
    )


def matches(peer: Object, labels: Object) -> bool:
    if "ipBlock" in peer or not selects(peer.get("namespaceSelector", {}), NAMESPACE):
        return False
    return selects(peer.get("podSelector", {}), labels)


def edges(values: Object) -> set[Edge]:
    """Every edge that both of its ends allow. A service is one as a source; its web is another's aim."""
    objects = charts.render(values)
    policies = [one["spec"] for one in of_kind(objects, "NetworkPolicy")]
    pods = [
        (
            template["metadata"]["labels"],
            {p["containerPort"] for p in template["spec"]["containers"][0].get("ports", [])},
        )
        for one in of_kind(objects, *charts.POD_KINDS)
        for template in [one["spec"]["template"]]
    ]

    def rules(labels: Object, way: str) -> list[Object]:
        chosen = [
            one for one in policies if selects(one["podSelector"], labels) and way in one["policyTypes"]
        ]
        assert chosen, f"nothing holds back the {way} of {labels}"
        return [rule for one in chosen for rule in one.get(way.lower(), [])]

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
    return {one["port"] for one in rule["ports"]}


def whole(labels: Object) -> str:
    return str(labels["app.kubernetes.io/name"])


def aim(labels: Object) -> str:
    web = labels["app.kubernetes.io/component"] == "web"
    return f"{whole(labels)} web" if web else whole(labels)


def beyond(rule: Object, way: str) -> str:
    """What of a rule lies outside the release; empty if nothing does."""
    peers: list[Any] = rule.get(way, [{"ipBlock": {}}])
    if 53 in ports_of(rule):
        return "DNS"
    spaces = [one["namespaceSelector"] for one in peers if "namespaceSelector" in one]
    if spaces:
        return " ".join(
            name for space in spaces for one in space["matchExpressions"] for name in one["values"]
        )
    return {"to": "outside", "from": "anywhere"}[way] if any("ipBlock" in one for one in peers) else ""


def test_the_edges_are_those_of_the_readme() -> None:
    assert edges(charts.TRIAL) == documented()


def test_every_component_of_a_service_is_held_alike() -> None:
    for one in of_kind(charts.render(charts.TRIAL), "NetworkPolicy"):
        component = one["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/component")
        assert component is None or one["spec"]["policyTypes"] == ["Ingress"]


def test_without_the_trials_servers_theirs_are_outside() -> None:
    outside = {edge for edge in edges({}) if edge[1] == "outside"}

    assert outside == {
        *((name, "outside", port) for name in ("users", "study", "notification") for port in (3306, 6379)),
        *((name, "outside", port) for name in ("users", "notification") for port in (25, 465, 587)),
        ("users", "outside", 443),
        ("study", "outside", 443),
    }


def test_no_private_address_is_taken_for_github() -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in of_kind(charts.render(), "NetworkPolicy")}
    (rule,) = (rule for rule in policies["seodang-study"]["egress"] if ports_of(rule) == {443})
    blocks = {one["ipBlock"]["cidr"]: set(one["ipBlock"]["except"]) for one in rule["to"]}

    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= blocks["0.0.0.0/0"]
    assert "fc00::/7" in blocks["::/0"]


@pytest.mark.parametrize("door", ["httpRoute", "ingress"])
def test_controllers_and_prometheus_come_from_their_namespaces(door: str) -> None:
    values: Object = {
        **(charts.ROUTED if door == "httpRoute" else charts.INGRESS),
        "gateway": {"enabled": False},
        "networkPolicy": {"gatewayNamespaces": ["edge"], "metricsNamespaces": ["monitoring"]},
    }
    services = ("users", "study", "notification")
    from_other = {edge for edge in edges(values) if edge[0] in {"edge", "monitoring"}}

    assert from_other == {
        *(("edge", name, 8000) for name in services),
        *(("monitoring", name, 9000) for name in services),
        ("edge", "mail-sink", 8025),
    }


def test_they_can_be_left_out() -> None:
    assert [*of_kind(charts.render({"networkPolicy": {"enabled": False}}), "NetworkPolicy")] == []
