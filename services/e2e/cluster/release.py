"""The release under test: install, upgrade, roll back and remove it by commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from docker_engine import ROOT, docker

CONTEXT = os.environ.get("CONTEXT") or "kind-seodang"
NAMESPACE = os.environ.get("NAMESPACE") or "seodang-e2e"
URL = os.environ.get("PUBLIC_URL") or "http://seodang.localhost:30080"
SERVICES = ("users", "study", "notification")
CHART = ROOT / "deploy/helm/seodang"
VERSION = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))["appVersion"]
ENVIRONMENT = {**os.environ, "CONTEXT": CONTEXT, "NAMESPACE": NAMESPACE, "PUBLIC_URL": URL}
# Seconds for an install or upgrade.
PATIENCE = 420

MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("announcements", "{after}")]
    operations = [
        migrations.AddField("announcement", "journey", models.CharField(max_length=20, null=True)),
        migrations.CreateModel("Journey", [("id", models.BigAutoField(primary_key=True, serialize=False))]),
    ]
"""


def command(*words: str, seconds: float = PATIENCE) -> str:
    """Run a program and return its output. Raise AssertionError if it fails."""
    done = subprocess.run(
        words, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=seconds, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{' '.join(words)}:\n{done.stdout[-4000:]}"
    return done.stdout


def helm(*words: str) -> str:
    """Run a helm command on the release."""
    return command("helm", "--kube-context", CONTEXT, "--namespace", NAMESPACE, *words)


def install() -> None:
    """Install the release as `make helm-install` does."""
    command(sys.executable, "deploy/operate/cluster.py", "install", seconds=PATIENCE + 180)


def upgrade(*values: str) -> None:
    """Upgrade the release with these values, and wait."""
    given = [word for value in values for word in ("--set", value)]
    helm("upgrade", "seodang", str(CHART), "--reuse-values", *given, "--wait", "--timeout", "6m")


def upgrade_to(tag: str) -> None:
    """Upgrade the images of the three services to a tag."""
    upgrade(*(f"{service}.image.tag={tag}" for service in SERVICES))


def revision() -> int:
    """Return the current revision of the release."""
    return int(json.loads(helm("status", "seodang", "--output", "json"))["version"])


def rollback(to: int) -> None:
    """Roll back to a revision."""
    helm("rollback", "seodang", str(to), "--wait", "--timeout", "6m")


def remove() -> None:
    """Delete the namespace."""
    command("kubectl", "--context", CONTEXT, "delete", "namespace", NAMESPACE, "--ignore-not-found",
            "--timeout", "180s")  # fmt: skip


@contextmanager
def images(tags: list[str], folder: Path, *, migrating_from: str) -> Iterator[None]:
    """Load images that differ in a label onto every node; from one tag on, study's contain a migration."""
    migrations = ROOT / "services/study/study/announcements/migrations"
    last = max(file.stem for file in migrations.glob("0*.py"))
    (folder / "9999_journey.py").write_text(MIGRATION.format(after=last), encoding="utf-8")
    names = [f"seodang-{service}:{tag}" for tag in tags for service in SERVICES]
    for name in names:
        service, tag = name.removeprefix("seodang-").split(":")
        lines = [f"FROM seodang-{service}:{VERSION}", f"LABEL journey={tag}"]
        if service == "study" and tag >= migrating_from:
            lines.append("COPY 9999_journey.py /app/services/study/study/announcements/migrations/")
        (folder / "Dockerfile").write_text("\n".join(lines) + "\n", encoding="utf-8")
        docker("build", "--quiet", "--tag", name, str(folder))
    docker("save", "--output", str(folder / "images.tar"), *names)
    docker("image", "rm", *names)
    kind = CONTEXT.removeprefix("kind-")
    command("kind", "load", "image-archive", str(folder / "images.tar"), "--name", kind)
    try:
        yield
    finally:
        for node in command("kind", "get", "nodes", "--name", kind).split():
            there = [f"docker.io/library/{name}" for name in names]
            docker("exec", node, "ctr", "--namespace", "k8s.io", "images", "rm", *there, check=False)
