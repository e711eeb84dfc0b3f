"""The rendered chart is deterministic, valid, and can be upgraded."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from pathlib import Path

import charts
import helm_python
import kubernetes_validate
import pytest
import yaml
from charts import Object, of_kind, pod
from test_network_policies import selects

import manifests

# A kind that Kubernetes itself does not have.
FOREIGN = {"HTTPRoute"}
MAX_RELEASE_NAME = "a-name-as-long-as-helm-takes-any-release-to-have-53ch"


@pytest.mark.parametrize("values", charts.VALUES)
def test_rendering_twice_gives_the_same_bytes(values: str) -> None:
    once, again = (
        helm_python.Chart.load(manifests.CHART).render(
            charts.VALUES[values], name="seodang", namespace="seodang"
        )
        for _ in range(2)
    )

    assert once == again


@pytest.mark.parametrize("version", ["1.35", "1.36", "1.37"])
@pytest.mark.parametrize("values", charts.VALUES)
def test_every_object_is_what_kubernetes_takes(values: str, version: str) -> None:
    for obj in charts.render(charts.VALUES[values]):
        if obj["kind"] not in FOREIGN:
            validate(json.dumps(obj), version)


@functools.cache
def validate(text: str, version: str) -> None:
    """Validate an object. Cached: most objects are the same for other values."""
    kubernetes_validate.validate(json.loads(text), version, strict=True)


@pytest.mark.parametrize("values", charts.VALUES)
def test_a_long_release_keeps_its_names_short_and_apart(values: str) -> None:
    assert len(MAX_RELEASE_NAME) == 53
    objects = charts.render(charts.VALUES[values], name=MAX_RELEASE_NAME)
    names = [charts.label(obj) for obj in objects]

    assert max(len(obj["metadata"]["name"]) for obj in objects) <= 63
    assert len(names) == len(set(names)) == len(charts.render(charts.VALUES[values]))
    other = charts.render(charts.VALUES[values], name=MAX_RELEASE_NAME[:-1] + "x")
    assert not set(names) & {charts.label(obj) for obj in other}


def test_replicas_are_left_to_an_autoscaler() -> None:
    objects = charts.render(charts.SCALING)
    scaled = {
        autoscaler["spec"]["scaleTargetRef"]["name"]
        for autoscaler in of_kind(objects, "HorizontalPodAutoscaler")
    }
    without = {
        deployment["metadata"]["name"]
        for deployment in of_kind(objects, "Deployment")
        if "replicas" not in deployment["spec"]
    }

    assert scaled == without == {f"seodang-{name}-web" for name in ("users", "study", "notification")}


def test_a_budget_is_where_there_is_something_to_budget() -> None:
    objects = charts.render({"users": {"worker": {"replicas": 2}, "web": {"replicas": 1}}})
    budgets = {
        budget["metadata"]["name"]: budget["spec"] for budget in of_kind(objects, "PodDisruptionBudget")
    }

    assert set(budgets) == {
        "seodang-gateway", "seodang-study-web", "seodang-notification-web", "seodang-users-worker",
    }  # fmt: skip
    assert all(
        (budget["maxUnavailable"], budget["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
        for budget in budgets.values()
    )


def test_a_rollout_takes_nobody_away_and_never_runs_two_beats() -> None:
    for deployment in of_kind(charts.render(charts.TRIAL), "Deployment"):
        alone = deployment["metadata"]["labels"]["app.kubernetes.io/component"] in {
            "beat",
            "redis",
            "mail-sink",
        }
        gently = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
        assert deployment["spec"]["strategy"] == ({"type": "Recreate"} if alone else gently), charts.label(
            deployment
        )
        assert deployment["spec"]["replicas"] == 1 or not alone


def test_there_is_time_to_end() -> None:
    for workload in of_kind(charts.render({"global": {"preStopSeconds": 90}}), *charts.POD_KINDS):
        sleep = pod(workload)["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert pod(workload)["terminationGracePeriodSeconds"] >= sleep + 25 + 5, charts.label(workload)


def test_what_a_migration_runs_on_is_in_its_name() -> None:
    def jobs(values: Object) -> set[str]:
        return {
            label
            for job in of_kind(charts.render(values), "Job")
            if "migrate" in (label := charts.label(job))
        }

    assert len(jobs({})) == 3
    assert len(jobs({}) & jobs({"study": {"image": {"tag": "2"}}})) == 2
    assert not jobs({}) & jobs({"global": {"mysql": {"host": "other"}}})


def test_whoever_needs_the_migration_waits_for_it() -> None:
    waiting = [
        deployment
        for deployment in of_kind(charts.render(), "Deployment")
        if "initContainers" in pod(deployment)
    ]
    assert len(waiting) == 12

    for deployment in waiting:
        (first,) = pod(deployment)["initContainers"]
        assert first["args"] == ["migrate", "--wait", "300"]


def services() -> list[Object]:
    """Return the workloads of the three services."""
    found = [
        workload
        for workload in of_kind(charts.render(), "Deployment", "Job")
        if workload["metadata"]["labels"]["app.kubernetes.io/name"] in {"users", "study", "notification"}
    ]
    assert len(found) == 15, "five roles each"
    return found


def test_no_probe_starts_a_program() -> None:
    """A probe that starts a program is expensive, and fails under overload."""
    for workload in services():
        for container in pod(workload)["containers"]:
            probes = {name: probe for name, probe in container.items() if name.endswith("Probe")}
            ports = {port["name"] for port in container["ports"]}
            assert all(probe["httpGet"]["port"] in ports for probe in probes.values()), charts.label(workload)


def test_a_process_is_not_killed_for_an_honest_pause() -> None:
    """Under overload a process may not respond for more than a minute."""
    for workload in services():
        for container in pod(workload)["containers"]:
            if probe := container.get("livenessProbe"):
                patience = probe["periodSeconds"] * (probe.get("failureThreshold", 3) - 1)
                assert patience >= 60, charts.label(workload)


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not on the PATH")
@pytest.mark.parametrize("overlay", manifests.OVERLAYS)
def test_kustomize_makes_of_an_overlay_what_helm_makes_of_its_values(overlay: str) -> None:
    folder = Path(manifests.K8S) / "overlays" / overlay
    made = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=True)
    found = {charts.label(obj): obj for obj in yaml.safe_load_all(made.stdout)}
    for obj in found.values():
        assert obj["metadata"].pop("namespace") == "seodang"

    assert found == {charts.label(obj): obj for obj in manifests.manifests(charts.VALUES[overlay]).values()}


def test_a_stale_file_is_named_and_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "ROOT", tmp_path)
    stale = tmp_path / "Caddyfile"
    stale.write_text("old")
    assert manifests.write({stale: "new"}, check=True) == ["Caddyfile"]
    assert stale.read_text() == "old"


def test_helm_finds_no_fault() -> None:
    report = helm_python.lint(manifests.CHART, charts.TRIAL, strict=True, with_subcharts=True)

    assert report["errors"] == []
    assert [message for message in report["messages"] if message["severity"] > 1] == []


@pytest.mark.skipif(
    not shutil.which("helm"), reason="only the program can be told what kinds a cluster knows"
)
@pytest.mark.parametrize("known", [True, False])
def test_prometheus_is_asked_for_where_its_operator_is(*, known: bool) -> None:
    command = ["helm", "template", "seodang", str(manifests.CHART), "--set", "serviceMonitor.enabled=true"]
    command += ["--api-versions", "monitoring.coreos.com/v1"] if known else []
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    objects = [obj for obj in yaml.safe_load_all(made.stdout) if obj]
    scraped = set()
    for monitor in of_kind(objects, "ServiceMonitor"):
        assert monitor["spec"]["endpoints"][0]["port"] == "metrics"
        scraped |= {
            charts.label(it)
            for it in of_kind(objects, "Service")
            if selects(monitor["spec"]["selector"], it["metadata"]["labels"])
            and "metrics" in {port["name"] for port in it["spec"]["ports"]}
        }
    for monitor in of_kind(objects, "PodMonitor"):
        assert monitor["spec"]["podMetricsEndpoints"][0]["port"] == "metrics"
        scraped |= {
            charts.label(it)
            for it in of_kind(objects, "Deployment")
            if selects(monitor["spec"]["selector"], it["spec"]["template"]["metadata"]["labels"])
            and "metrics" in {port["name"] for port in pod(it)["containers"][0]["ports"]}
        }
    # Every web by its Service, and every other process by its pods.
    assert len(scraped) == 12 * known
