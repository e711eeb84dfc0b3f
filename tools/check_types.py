"""Run mypy on a part of the repository: `check_types.py study`.

mypy's Django plugin knows one settings module at a time. A file outside a service that imports its models (a
seed, an end-to-end test) is checked with that service.
"""

from __future__ import annotations

import re
import subprocess
import sys

from project import ROOT, SERVICES, environment, tracked

PARTS = {
    **{name: [f"services/{name}"] for name in (*SERVICES, "look")},
    "chassis": ["services/chassis", "services/contracts"],
    "tools": ["tools", "deploy/operate"],
    "demo": ["deploy/demo", ":!deploy/demo/tests"],
    "demo-tests": ["deploy/demo/tests"],
    "chart-tests": ["deploy/tests", "deploy/helm/seodang/files/journey.py"],
    "e2e": ["services/e2e"],
    "bench": ["bench"],
}
IMPORTS_MODELS = re.compile(r"^\s*from (\w+)\.\w+\.models ", re.MULTILINE)


def files(part: str) -> list[str]:
    """Return the Python files of a part."""
    own = [path for path in tracked(*PARTS[part]) if path.suffix == ".py"]
    outside = tracked("deploy/demo/*.py", "services/e2e/*.py", "bench/*.py")
    services = {
        path: {*IMPORTS_MODELS.findall(path.read_text(encoding="utf-8"))} & {*SERVICES} for path in outside
    }
    own += [path for path in outside if part in services[path]]
    return [str(path.relative_to(ROOT)) for path in own if services.get(path, set()) <= {part}]


def main(part: str) -> int:
    """Run mypy with the part's own cache. Return its exit code."""
    settings = environment(part if part in {*SERVICES, "chassis", "look"} else "users")
    if part == "bench":
        settings |= {"DJANGO_SETTINGS_MODULE": "rivals.settings", "PYTHONPATH": str(ROOT / "bench")}
    options = ["--cache-dir", f".mypy_cache/{part}"]
    if part.endswith("tests") or part == "e2e":  # tests have no typed signatures; see pyproject.toml
        options += ["--allow-untyped-defs", "--allow-incomplete-defs"]
        options += ["--allow-untyped-calls", "--allow-untyped-decorators"]
    command = [".venv/bin/mypy", *options, *files(part)]
    return subprocess.run(command, cwd=ROOT, env=settings, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
