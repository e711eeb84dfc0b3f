"""The alerts: Prometheus's own program checks them, and what they name exists."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import manifests
from project import ROOT

ALERTS = manifests.CHART / "files/alerts.yaml"
STATES = Path(__file__).with_name("alerts.test.yaml")


@pytest.mark.skipif(not shutil.which("promtool"), reason="there is no promtool")
@pytest.mark.parametrize("command", [["check", "rules", str(ALERTS)], ["test", "rules", str(STATES)]])
def test_prometheus_accepts_the_alerts_and_they_fire_when_they_should(command: list[str]) -> None:
    done = subprocess.run(["promtool", *command], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested_silent_and_firing() -> None:
    alerts = {
        rule["alert"] for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]
    }
    silent: set[str] = set()
    firing: set[str] = set()
    for states in yaml.safe_load(STATES.read_text())["tests"]:
        for case in states["alert_rule_test"]:
            (firing if case["exp_alerts"] else silent).add(case["alertname"])

    assert silent == firing == alerts


def test_every_metric_of_an_alert_is_exported_and_its_runbook_exists() -> None:
    services = [path for path in (ROOT / "services").glob("*/*/**/*.py") if "tests" not in path.parts]
    source = "\n".join(path.read_text() for path in services)
    operations = (ROOT / "docs/operations.md").read_text()
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            for metric in re.findall(r"seodang_\w+", rule["expr"]):
                assert f'"{re.sub("_(bucket|count|sum)$", "", metric)}"' in source, metric
            document, _, heading = rule["annotations"]["runbook"].partition(", Alerts: ")
            assert document == "docs/operations.md"
            assert f"| {heading} |" in operations, heading


@pytest.mark.skipif(
    not shutil.which("helm"), reason="only the program can be told what kinds a cluster knows"
)
@pytest.mark.parametrize(("known", "wanted"), [(True, True), (True, False), (False, True)])
def test_the_chart_has_them_for_the_prometheus_operator(*, known: bool, wanted: bool) -> None:
    command = ["helm", "template", "seodang", str(manifests.CHART)]
    command += [
        "--set",
        f"prometheusRule.enabled={str(wanted).lower()}",
        "--set",
        "prometheusRule.labels.by=ops",
    ]
    command += ["--api-versions", "monitoring.coreos.com/v1"] if known else []
    made = subprocess.run(command, capture_output=True, text=True, check=True)

    rules = [obj for obj in yaml.safe_load_all(made.stdout) if obj and obj["kind"] == "PrometheusRule"]

    assert len(rules) == (known and wanted)
    for rule in rules:
        assert rule["spec"] == yaml.safe_load(ALERTS.read_text())
        assert rule["metadata"]["labels"]["by"] == "ops"
