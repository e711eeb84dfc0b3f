"""Run the chart on a test cluster: cluster.py up | down | install | test.

up       create a kind cluster of NODES nodes (1), unless it exists
install  install or upgrade the chart with MySQL, Redis and a mail sink; secrets are kept
test     run the chart's test inside the cluster
down     delete the kind cluster

CONTEXT (kind-seodang), NAMESPACE (seodang) and PUBLIC_URL (http://localhost:30080) come from the environment.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = os.environ.get("CONTEXT") or "kind-seodang"
NAMESPACE = os.environ.get("NAMESPACE") or "seodang"
PUBLIC_URL = os.environ.get("PUBLIC_URL") or "http://localhost:30080"
RELEASE = "seodang"
KIND = CONTEXT.removeprefix("kind-") if CONTEXT.startswith("kind-") else ""
CHART = ROOT / "deploy/helm/seodang"
SEED = ROOT / "var/cluster/seed"
IMAGES = {"users": "users", "study": "study", "notification": "notification", "mailSink": "mail-sink"}


def run(*words: str, stdin: str | None = None) -> None:
    """Run a program and show its output. Exit with its code if it fails."""
    if not shutil.which(words[0]):
        sys.exit(f"{words[0]} is not on the PATH.")
    done = subprocess.run(words, cwd=ROOT, input=stdin, text=True, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def output(*words: str) -> str | None:
    """Return the output of a program; None if it fails."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def kubectl(*words: str) -> tuple[str, ...]:
    """Return a kubectl command for CONTEXT."""
    return ("kubectl", "--context", CONTEXT, *words)


def helm(*words: str) -> tuple[str, ...]:
    """Return a helm command for CONTEXT and NAMESPACE."""
    return ("helm", "--kube-context", CONTEXT, "--namespace", NAMESPACE, *words)


def up() -> None:
    """Create the kind cluster, unless it exists."""
    if not KIND:
        sys.exit(f"{CONTEXT} is no kind cluster's context.")
    if KIND in (output("kind", "get", "clusters") or "").split():
        print(f"The kind cluster {KIND} exists already.")
        return
    config = yaml.safe_load((ROOT / "deploy/k8s/kind/cluster.yaml").read_text(encoding="utf-8"))
    config["nodes"] += [{"role": "worker"}] * (int(os.environ.get("NODES") or 1) - 1)
    options = ("--name", KIND, "--wait", "180s", "--config", "-")
    run("kind", "create", "cluster", *options, stdin=yaml.safe_dump(config))


def down() -> None:
    """Delete the kind cluster."""
    run("kind", "delete", "cluster", "--name", KIND)


def seed() -> Path:
    """Return the file with the seed of all secrets. It is created once: MySQL's data depends on it."""
    if not SEED.exists():
        SEED.parent.mkdir(parents=True, exist_ok=True)
        SEED.touch(0o600)
        SEED.write_text(secrets.token_hex(32), encoding="ascii")
    return SEED


def load_images() -> dict[str, Any]:
    """Load local images into kind; return the values with their tags.

    The tag contains the image id, so that `helm upgrade` rolls out a new build of the same version.
    """
    version = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))["appVersion"]
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    images = [values[part]["image"] for part in ("gateway", "mysql", "redis")]
    tags = {}
    for part, suffix in IMAGES.items():
        name = f"seodang-{suffix}"
        found = output("docker", "image", "inspect", "--format", "{{.Id}}", f"{name}:{version}")
        if not found:
            sys.exit(f"{name}:{version} is not built yet. Run `make images`.")
        tag = f"{version}-{found.partition(':')[2][:12]}"
        run("docker", "tag", f"{name}:{version}", f"{name}:{tag}")
        images.append(f"{name}:{tag}")
        tags[part] = {"image": {"tag": tag}}
    names = "jsonpath={.items[*].status.images[*].names[*]}"
    there = output(*kubectl("get", "nodes", "--output", names)) or ""
    missing = (image for image in images if f"/{image}" not in there)
    here = [image for image in missing if output("docker", "image", "inspect", image)]
    if here:
        run("kind", "load", "docker-image", "--quiet", "--name", KIND, *here)
    return tags


def route_values() -> dict[str, Any]:
    """Return the values for an HTTPRoute if the cluster has a Gateway; else none, and a node port is used."""
    found = output(*kubectl("get", "gateways.gateway.networking.k8s.io", "-A", "-o", "json"))
    for gateway in (item["metadata"] for item in json.loads(found or '{"items": []}')["items"]):
        parent = {"name": gateway["name"], "namespace": gateway["namespace"]}
        routes = {"enabled": True, "parentRefs": [parent], "hostnames": [urlsplit(PUBLIC_URL).hostname]}
        return {"gateway": {"service": {"type": "ClusterIP", "nodePort": 0}}, "httpRoute": routes}
    return {}


def install() -> None:
    """Install or upgrade the chart, and wait until it is ready."""
    space = yaml.safe_load((ROOT / "deploy/k8s/namespace.yaml").read_text(encoding="utf-8"))
    space["metadata"]["name"] = NAMESPACE
    run(*kubectl("apply", "--server-side", "-f", "-"), stdin=json.dumps(space))
    values = {"global": {"publicUrl": PUBLIC_URL}, **route_values(), **(load_images() if KIND else {})}
    run(
        *helm("upgrade", "--install", RELEASE, str(CHART), "--values", "deploy/helm/values-kind.yaml"),
        *("--values", "-", "--set-file", f"global.seed={seed()}", "--wait", "--timeout", "6m"),
        stdin=yaml.safe_dump(values),
    )


def test() -> None:
    """Run the chart's test."""
    run(*helm("test", RELEASE))


COMMANDS = {"up": up, "down": down, "install": install, "test": test}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]]()
