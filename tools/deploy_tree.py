"""Check that the packaging files agree: `deploy_tree.py dockerfiles`, `images`, `versions` and so on."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from project import ROOT, SERVICES, tracked

# Required variables of compose files, ${NAME:?why}, and defaults, ${NAME:-default}.
REQUIRED = re.compile(r"\$\{(\w+):?\?")
DEFAULT = re.compile(r"\$\{\w+:?-([^{}]*)\}")


def dockerfiles() -> Iterator[str]:
    """Yield the differences of the Dockerfiles other than the service's name."""
    first, *others = SERVICES
    pattern = (ROOT / f"services/{first}/Dockerfile").read_text(encoding="utf-8")
    for name in others:
        path = f"services/{name}/Dockerfile"
        wanted = pattern.replace(first, name).splitlines()
        found = (ROOT / path).read_text(encoding="utf-8").splitlines()
        yield from difflib.unified_diff(wanted, found, f"as in {first}", path, n=0, lineterm="")


def compose() -> Iterator[str]:
    """Yield what `docker compose config` rejects, with placeholder secrets. It needs no Docker Engine."""
    if not shutil.which("docker"):
        if os.environ.get("CI") == "true":
            yield "No docker on PATH to ask"
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        required = set()
        for path in tracked("compose*.yaml", "deploy/compose/*.yaml"):
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            required |= set(REQUIRED.findall(path.read_text(encoding="utf-8")))
        (folder / ".env").write_text("".join(f"{name}=none\n" for name in required))
        for name in SERVICES:
            (folder / f"services/{name}").mkdir(parents=True)
            (folder / f"services/{name}/.env").touch()
        for path in tracked("compose*.yaml"):
            command = ["docker", "compose", "--file", path.name, "config", "--quiet"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                yield f"{path.name}: {done.stderr.strip()}"


def read(path: Path) -> list[Any]:
    """Return the documents of a YAML file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def references(value: object) -> Iterator[str]:
    """Yield images as name:tag, from compose files, manifests and chart values."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        if value.get("repository") and value.get("tag"):  # without one it is the chart's appVersion
            yield f"{value['repository']}:{value['tag']}"
        if isinstance(value.get("image"), str):
            yield value["image"]
        for item in value.values():
            yield from references(item)


def version(path: Path) -> str:
    """Return the version in a pyproject.toml."""
    return str(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"])


def images() -> Iterator[str]:
    """Yield images without a version, and our images with another version than the project's."""
    ours = version(ROOT / f"services/{SERVICES[0]}/pyproject.toml")
    for path in tracked("compose*.yaml", "deploy/*.yaml", ".github/*.yml"):
        if "templates" in path.parts:
            continue
        for reference in (found for document in read(path) for found in references(document)):
            name, _, tag = DEFAULT.sub(r"\1", reference).partition("@")[0].rpartition(":")
            # Images of a workflow (by digest), and locally built ones.
            if "${{" in reference or ("seodang-" in name and tag == "dev"):
                continue
            if not re.search(r"\d", tag) or "/" in tag:
                yield f"{path.relative_to(ROOT)}: {reference} names no version"
            elif "seodang-" in name and tag != ours:
                yield f"{path.relative_to(ROOT)}: {reference}, but the project is {ours}"


def versions() -> Iterator[str]:
    """Yield packages, charts and Dockerfiles with another version than the project's."""
    ours = version(ROOT / f"services/{SERVICES[0]}/pyproject.toml")
    said = [(path, version(path)) for path in tracked("services/*/pyproject.toml")]
    for path in tracked("deploy/helm/**/Chart.yaml"):
        [chart] = read(path)
        said += [(path, chart[field]) for field in ("version", "appVersion") if field in chart]
        said += [(path, part["version"]) for part in chart.get("dependencies", [])]
    for path in tracked("*Dockerfile"):
        said += [(path, word) for word in re.findall(r"(?m)^ARG VERSION=(.+)", path.read_text("utf-8"))]
    for path, found in said:
        if found != ours:
            yield f"{path.relative_to(ROOT)}: version {found}, but the project is {ours}"


def targets() -> Iterator[str]:
    """Yield workflow steps that run a missing make target."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in tracked(".github/workflows/*.yml"):
        for words in re.findall(r"(?m)(?:run: |^ +)make ((?:[a-z][a-z-]* ?)+)", path.read_text("utf-8")):
            for target in words.split():
                if not re.search(rf"(?m)^{target}:", makefile):
                    yield f"{path.relative_to(ROOT)}: `make {target}` is no target"


def skaffold() -> Iterator[str]:
    """Yield artifacts of skaffold.yaml that are not built or not passed to the chart."""
    config = read(ROOT / "skaffold.yaml")[0]
    artifacts = {artifact["image"]: artifact["docker"] for artifact in config["build"]["artifacts"]}
    for image, docker in artifacts.items():
        file, target = ROOT / docker["dockerfile"], docker.get("target", "")
        if not file.exists():
            yield f"skaffold.yaml: {image}: no {docker['dockerfile']}"
        elif target and not re.search(rf"(?m)^FROM .* AS {target}$", file.read_text(encoding="utf-8")):
            yield f"skaffold.yaml: {image}: {docker['dockerfile']} has no target {target}"
    given = " ".join(str(release["setValueTemplates"]) for release in config["deploy"]["helm"]["releases"])
    for image in artifacts:
        name = image.replace("-", "_")
        for part in ("REPO", "TAG"):
            if f".IMAGE_{part}_{name}}}" not in given:
                yield f"skaffold.yaml: no value of the chart is {image}'s {part.lower()}; nothing would sync"


CHECKS = {check.__name__: check for check in (dockerfiles, compose, images, versions, targets, skaffold)}

if __name__ == "__main__":
    problems = [problem for name in sys.argv[1:] for problem in CHECKS[name]()]
    print("\n".join(problems))
    sys.exit(bool(problems))
