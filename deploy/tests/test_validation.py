"""Invalid values are rejected before the installation, with a message that names them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import charts
import helm_python
import pytest
import yaml

import manifests

TABLE = [
    ("foo=1", "additional properties 'foo' not allowed"),
    ("global.domain=club.example", "at '/global': additional properties 'domain' not allowed"),
    ("global.publicUrl=club.example", "at '/global/publicUrl': 'club.example' does not match pattern"),
    ("global.publicUrl=https://club.example/", "at '/global/publicUrl'"),
    ("global.seed=short", "at '/global/seed': minLength: got 5, want 32"),
    (f"global.seed={charts.SEED}", "at '/global/devInfra/enabled': value must be true"),
    ("global.mysql.port=70000", "at '/global/mysql/port': maximum: got 70,000, want 65,535"),
    ("global.mysql.tls.mode=on", "at '/global/mysql/tls/mode': value must be one of '', 'disabled',"),
    (
        "global.mysql.tls.mode=required,global.mysql.tls.caSecret=db",
        "at '/global/mysql/tls/mode': value must",
    ),
    ("global.mysql.tls.ca=db", "at '/global/mysql/tls': additional properties 'ca' not allowed"),
    ("global.redis.tls.caSecret=Not_A_Name", "at '/global/redis/tls/caSecret'"),
    ("global.preStopSeconds=0", "at '/global/preStopSeconds': minimum: got 0, want 1"),
    ("global.imagePullPolicy=Sometimes", "value must be one of 'Always', 'IfNotPresent', 'Never'"),
    ("users.web.replicaz=3", "users:\n- at '/web': additional properties 'replicaz' not allowed"),
    ("study.web.replicas=many", "study:\n- at '/web/replicas': got string, want integer"),
    ("study.worker.replicas=-1", "at '/worker/replicas': minimum: got -1, want 0"),
    ("notification.beat.replicas=2", "notification:\n- at '/beat': additional properties 'replicas' not"),
    ("users.egress={ftp}", "at '/egress/0': value must be one of 'smtp', 'https'"),
    ("users.calls={billing}", "at '/calls/0': value must be one of 'users', 'study', 'notification'"),
    ("users.env.lower=1", "invalid propertyName 'lower'"),
    ("users.extraSecrets.GITHUB_CLIENT_SECRET=Not_A_Name", "at '/extraSecrets/GITHUB_CLIENT_SECRET'"),
    ("users.image.repository=https://registry.example/UPPER", "at '/image/repository'"),
    ("users.web.resources.limits.memory=lots", "at '/web/resources/limits/memory': 'lots' does not match"),
    ("users.web.resources.limits=null", "at '/web/resources': missing property 'limits'"),
    ("users.migrate.activeDeadlineSeconds=5", "minimum: got 5, want 60"),
    ("gateway.service.type=Ingress", "value must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'"),
    ("gateway.service.nodePort=30080", "at '/gateway/service/nodePort': value must be 0"),
    ("httpRoute.enabled=true", "at '/httpRoute/parentRefs': minItems: got 0, want 1"),
    ("ingress.hostnames={https://club.example}", "at '/ingress/hostnames/0'"),
    ("ingress.tls[0].secret=club", "additional properties 'secret' not allowed"),
    ("networkPolicy.external.mysql.to[0].cidr=10.0.0.0/8", "additional properties 'cidr' not allowed"),
    ("networkPolicy.external.smtp.ports={0}", "smtp/ports/0': minimum: got 0, want 1"),
    ("networkPolicy.external.mysql.ports={3306}", "additional properties 'ports' not allowed"),
    ("networkPolicy.external.dns.ports=[]", "at '/networkPolicy/external/dns/ports'"),
    ("gateway.trustedProxies={anybody}", "at '/gateway/trustedProxies/0': 'anybody' does not match pattern"),
    ("serviceMonitor.interval=often", "at '/serviceMonitor/interval': 'often' does not match pattern"),
    ("mysql.size=big", "at '/mysql/size': 'big' does not match pattern"),
]


@pytest.mark.parametrize(("setting", "words"), TABLE)
def test_the_schema_says_what_is_wrong(setting: str, words: str) -> None:
    with pytest.raises(helm_python.HelmError) as error:
        charts.render(helm_python.parse_set_string(setting))

    assert words in str(error.value)


def test_fewest_pods_are_not_more_than_most() -> None:
    values = {"study": {"web": {"autoscaling": {"minReplicas": 7}}}}
    with pytest.raises(
        helm_python.HelmError, match=r"study\.web\.autoscaling: minReplicas is above maxReplicas"
    ):
        charts.render(values)


def test_a_secret_that_the_seed_does_not_make_is_asked_for() -> None:
    keys = {"users": {"secretKeys": ["SECRET_KEY", "GITHUB_CLIENT_SECRET"]}}
    with pytest.raises(
        helm_python.HelmError, match=r"seed makes no GITHUB_CLIENT_SECRET; give it by users\.extraSecrets"
    ):
        charts.render({**charts.TRIAL, **keys})


@pytest.mark.parametrize("place", ["", "charts/django-service/"])
def test_no_object_takes_what_it_does_not_know(place: str) -> None:
    schema = json.loads((manifests.CHART / place / "values.schema.json").read_text())

    assert [
        schema_object
        for schema_object in objects(schema)
        if schema_object.get("additionalProperties") is not False
    ] == []


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every object schema with properties, conditions excluded."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for part in schema.values():
            yield from objects(part)


@pytest.mark.parametrize("place", ["", "charts/django-service/"])
def test_every_value_is_explained(place: str) -> None:
    file = manifests.CHART / place / "values.yaml"
    table = manifests.table(file)
    values = yaml.safe_load(file.read_text(encoding="utf-8"))
    for service in ("users", "study", "notification"):
        values.pop(service, None)  # explained once for all three, in the subchart

    unexplained = [
        path for path in leaves(values) if not any(f"| `{prefix}` |" in table for prefix in starts(path))
    ]
    assert unexplained == []


def leaves(values: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def starts(path: str) -> list[str]:
    """Return the path and its parents: `resources` is documented as a whole."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
