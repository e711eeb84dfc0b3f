"""Everything a machine without an engine can say about the packaging: `make check-deploy`, A=yaml for one."""

from __future__ import annotations

import shutil
import sys

from project import ROOT, tracked
from runner import Command, program, report, script

HINTS = {
    "dockerfiles": "hadolint's wiki explains its codes. The three differ in the service's name alone.",
    "compose": "The Compose specification says what a service may say.",
    "images": "Pin an image to a version; a release changes every version at once (docs/releasing.md).",
    "workflows": "docs.zizmor.sh explains each audit. Nothing but the pinning by version is silenced.",
    "yaml": "Write it as .yamllint says.",
    "skaffold": "An artifact is one of the images, by a target of its Dockerfile, and the chart is given it.",
    "gateway": "Run tools/render_gateway.py.",
    "chart": "The failing test's sentence says what must hold of every installation.",
    "manifests": "Run `make manifests` and commit what it wrote.",
}


def files(*patterns: str) -> list[str]:
    """The tracked files of these patterns, from the root."""
    return [str(path.relative_to(ROOT)) for path in tracked(*patterns)]


def commands() -> list[Command]:
    """All of them, the slow one first.

    The chart's tests hold what it renders, at every set of values, against the schemas of each Kubernetes
    version that is supported; `manifests` holds deploy/k8s against what it renders.
    """
    workflows = files(".github/workflows/*.yml")
    yaml = [path for path in files("*.yaml", "*.yml", ".yamllint") if not path.startswith("services/")]
    return [
        program("chart", "pytest", "--quiet", "deploy/tests"),
        program("dockerfiles", "hadolint", "--no-color", *files("*Dockerfile")),
        script("dockerfiles", "deploy_tree", "dockerfiles"),
        program(
            "compose", "check-jsonschema", "--builtin-schema", "vendor.compose-spec", *files("compose*.yaml")
        ),
        script("compose", "deploy_tree", "compose"),
        program("workflows", "zizmor", "--offline", "--quiet", "--strict-collection", ".github"),
        # The same everywhere, whether or not shellcheck is there.
        program("workflows", "actionlint", "-shellcheck=", "-pyflakes=", *workflows),
        program(
            "workflows",
            "check-jsonschema",
            "--builtin-schema",
            "vendor.dependabot",
            ".github/dependabot.yml",
        ),
        program("workflows", "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows),
        script("workflows", "deploy_tree", "targets"),
        program("yaml", "yamllint", "--strict", *yaml),
        script("skaffold", "deploy_tree", "skaffold"),
        script("gateway", "render_gateway", "--check"),
        script("manifests", "manifests", "--check"),
        script("images", "deploy_tree", "images", "versions"),
    ]


if __name__ == "__main__":
    if not shutil.which("docker"):
        print("No docker on PATH: `docker compose config` is left out.")
    sys.exit(report(sys.argv[1:], commands(), HINTS))
