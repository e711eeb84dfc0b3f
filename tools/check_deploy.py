"""Run the checks of the packaging that need no Docker: `make check-deploy`, A=yaml for one."""

from __future__ import annotations

import shutil
import sys

from project import ROOT, tracked
from runner import Command, program, report, script

HINTS = {
    "dockerfiles": "hadolint's wiki explains its codes. Dockerfiles may differ in the service's name only.",
    "compose": "See the Compose specification.",
    "images": "Pin an image to a version; a release changes every version at once (docs/releasing.md).",
    "workflows": "docs.zizmor.sh explains each audit. Nothing but the pinning by version is silenced.",
    "yaml": "Follow .yamllint.",
    "skaffold": "Every artifact names an image, a target of its Dockerfile, and is passed to the chart.",
    "gateway": "Run tools/render_gateway.py.",
    "chart": "The name of the failing test states the requirement.",
    "manifests": "Run `make manifests` and commit the result.",
}


def files(*patterns: str) -> list[str]:
    """Return the tracked files that match the patterns, relative to the root."""
    return [str(path.relative_to(ROOT)) for path in tracked(*patterns)]


def commands() -> list[Command]:
    """Return all commands, the slow one first.

    The chart's tests validate the rendered objects, for every set of values, against the schemas of each
    supported Kubernetes version; `manifests` compares deploy/k8s with the rendered objects.
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
        # The same result with and without shellcheck installed.
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
