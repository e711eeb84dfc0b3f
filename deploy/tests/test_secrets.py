"""Secrets are derived from a seed or provided; they are mounted as files and appear nowhere else."""

from __future__ import annotations

import base64
import json
import re
from itertools import chain

import charts
import pytest
from charts import TRIAL, Object, of_kind, pod

SERVICES = ("users", "study", "notification")


def secrets(values: Object) -> dict[str, dict[str, str]]:
    """Return the data of the Secrets by name."""
    return {
        secret["metadata"]["name"].removeprefix("seodang-"): secret["stringData"]
        for secret in of_kind(charts.render(values), "Secret")
    }


def drawn(values: Object) -> list[str]:
    """Return every run of 40 or more hexadecimal digits in them."""
    found = secrets(values).values()
    return [
        *chain.from_iterable(re.findall(r"[0-9a-f]{40,}", text) for texts in found for text in texts.values())
    ]


def test_without_a_seed_there_is_no_secret_in_the_chart() -> None:
    assert secrets({}) == {}
    assert secrets({"global": {"devInfra": {"enabled": True}}}) == {}


def test_a_seed_makes_the_same_secrets_again_and_another_seed_others() -> None:
    other: Object = {"global": {**TRIAL["global"], "seed": charts.SEED[::-1]}}

    assert secrets(TRIAL) == secrets(TRIAL)
    assert not set(drawn(TRIAL)) & set(drawn(other))


def test_every_purpose_has_its_own() -> None:
    found = secrets(TRIAL)
    own = [found[name][key] for name in SERVICES for key in found[name] if key != "SMTP_URL"]
    assert len(own) == len(set(own))

    # A password of MySQL, of Redis and of a peer is known at both its ends and nowhere else.
    counted = {secret: drawn(TRIAL).count(secret) for secret in drawn(TRIAL)}
    assert set(counted.values()) == {1, 2}
    assert sum(count == 2 for count in counted.values()) == 3 + 9 + 2, "databases, Redis' users, peers"


@pytest.mark.parametrize("service", SERVICES)
def test_the_field_key_is_a_fernet_key(service: str) -> None:
    key = secrets(TRIAL)[service]["FIELD_KEY"]

    assert len(key) == 44
    assert base64.urlsafe_b64encode(base64.urlsafe_b64decode(key)).decode() == key
    assert len(base64.urlsafe_b64decode(key)) == 32


def test_both_ends_know_the_same_password() -> None:
    found = secrets(TRIAL)
    for service in SERVICES:
        assert (
            f"'{service}'@'%' IDENTIFIED BY '{found[service]['DATABASE_PASSWORD']}'"
            in found["mysql"]["init.sql"]
        )
        for peer in SERVICES:
            setting, user = (
                ("BROKER_URL", service)
                if peer == service
                else (f"BROKER_URL_{peer.upper()}", f"{service}-to-{peer}")
            )
            password = re.fullmatch(rf"redis://{user}:(\w+)@seodang-redis:6379/0", found[service][setting])
            assert password
            assert f"user {user} on >{password[1]} " in found["redis"]["users.acl"]
    known = dict(pair.split(":") for pair in found["users"]["SERVICE_SECRETS"].split(","))
    assert known == {name: found[name]["SERVICE_SECRET"] for name in ("study", "notification")}


def test_no_place_is_left_open() -> None:
    assert "${" not in json.dumps(secrets(TRIAL))


def test_nothing_secret_stands_outside_a_secret() -> None:
    values = {value for data in secrets(TRIAL).values() for value in data.values()} | {
        charts.SEED,
        *drawn(TRIAL),
    }
    values -= {secrets(TRIAL)["users"]["SMTP_URL"]}
    open_to_all = json.dumps([obj for obj in charts.render(TRIAL) if obj["kind"] != "Secret"])

    assert [value for value in values if value in open_to_all] == []


@pytest.mark.parametrize("values", charts.VALUES)
def test_what_is_secret_is_a_file(values: str) -> None:
    for workload in of_kind(charts.render(charts.VALUES[values]), *charts.POD_KINDS):
        for container in charts.containers(workload):
            env = container.get("env", [])
            assert all(set(setting) == {"name", "value"} for setting in env)
            assert "envFrom" not in container
            files = {setting["value"] for setting in env if setting["name"].endswith("_FILE")}
            files -= {"/tmp/waiting"}
            assert files <= mounted(workload), charts.label(workload)


def test_notification_starts_from_a_secret_without_a_field_key() -> None:
    found = [
        source["secret"]
        for workload in of_kind(charts.render(TRIAL), *charts.POD_KINDS)
        if "notification" in workload["metadata"]["name"]
        for volume in pod(workload)["volumes"]
        for source in volume.get("projected", {}).get("sources", [])
        if "FIELD_KEY" in {item["key"] for item in source["secret"]["items"]}
    ]

    assert found
    assert all(secret["optional"] and len(secret["items"]) == 1 for secret in found)


def mounted(workload: Object) -> set[str]:
    """Return the paths of the files that its volumes mount from Secrets."""
    files: dict[str, list[Object]] = {}
    for volume in pod(workload)["volumes"]:
        sources = volume.get("projected", {}).get(
            "sources", [{"secret": volume.get("secret", {"items": []})}]
        )
        files[volume["name"]] = [item for source in sources for item in source["secret"]["items"]]
    mounts = pod(workload)["containers"][0]["volumeMounts"]
    return {
        f"{mount['mountPath']}/{item['path']}" for mount in mounts for item in files.get(mount["name"], [])
    }


def test_a_secret_of_ones_own_is_taken_instead() -> None:
    own: Object = {"existingSecret": "club", "extraSecrets": {"GITHUB_CLIENT_SECRET": "club-github"}}
    web = next(deployment for deployment in of_kind(charts.render({"users": own}), "Deployment")
               if deployment["metadata"]["name"] == "seodang-users-web")  # fmt: skip
    (volume,) = (volume for volume in pod(web)["volumes"] if volume["name"] == "secrets")

    assert [source["secret"]["name"] for source in volume["projected"]["sources"]] == ["club", "club-github"]
    assert "/run/secrets/seodang/GITHUB_CLIENT_SECRET" in mounted(web)


def test_certificates_of_mysql_and_redis_come_from_secrets() -> None:
    values: Object = {
        "global": {
            "mysql": {"tls": {"mode": "verify_identity", "caSecret": "db-ca", "clientSecret": "db-client"}},
            "redis": {"tls": {"caSecret": "redis-ca"}},
        }
    }
    wanted = {
        "DATABASE_SSL_CA": ("db-ca", "ca.crt"),
        "DATABASE_SSL_CERT": ("db-client", "tls.crt"),
        "DATABASE_SSL_KEY": ("db-client", "tls.key"),
        "BROKER_SSL_CA": ("redis-ca", "ca.crt"),
    }
    services = tuple(f"seodang-{name}-" for name in SERVICES)
    workloads = [
        workload
        for workload in of_kind(charts.render(values), "Deployment", "Job")
        if workload["metadata"]["name"].startswith(services)
    ]
    assert len(workloads) == len(SERVICES) * 5, "web, worker, relay, beat, migrate"
    for workload in workloads:
        (volume,) = (volume for volume in pod(workload)["volumes"] if volume["name"] == "secrets")
        files = {
            f"/run/secrets/seodang/{item['path']}": (source["secret"]["name"], item["key"])
            for source in volume["projected"]["sources"]
            for item in source["secret"]["items"]
        }
        for container in charts.containers(workload):
            env = {setting["name"]: setting["value"] for setting in container["env"]}
            assert env["DATABASE_SSL_MODE"] == "verify_identity"
            found = {name: files[path] for name, path in env.items() if "_SSL_" in name and path in files}
            assert found == wanted, charts.label(workload)


def test_without_a_word_about_tls_the_service_decides() -> None:
    for workload in of_kind(charts.render({}), *charts.POD_KINDS):
        for container in charts.containers(workload):
            assert not [setting for setting in container.get("env", []) if "_SSL_" in setting["name"]]


def test_other_secrets_start_other_pods() -> None:
    def notes(values: Object) -> dict[str, Object]:
        return {charts.label(workload): workload["spec"]["template"]["metadata"].get("annotations", {})
                for workload in of_kind(charts.render(values), "Deployment", "StatefulSet")}  # fmt: skip

    other: Object = {"global": {**TRIAL["global"], "seed": charts.SEED[::-1]}}
    same = {name for name, note in notes(TRIAL).items() if notes(other)[name] == note}
    assert same == {"Deployment seodang-gateway", "Deployment seodang-mail-sink"}
