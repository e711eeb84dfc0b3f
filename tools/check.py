"""Run the checks of the code: `make check`, or `make check A=types` for one."""

from __future__ import annotations

import re
import sys

from project import ROOT, SERVICES, tracked
from runner import Command, program, report, script

PACKAGES = ("chassis", *SERVICES)
HINTS = {
    "types": "Give it its type. An ignore names its code and says why.",
    "contracts": "Run `make contracts` and commit the result; a changed contract is visible in the diff.",
    "migrations": "Run `make migrations` for a missing one; add and fill now, tighten or drop later.",
    "texts": "Run `make messages`, then write the Korean into the django.po named.",
    "templates": "Fix the markup, or exclude the rule in pyproject.toml with a reason.",
    "imports": "The contract above says what to do.",
    "rules": "The rule's note says what to write instead; chassis/tests/rules shows it.",
    "lint": "Run `make fmt` for the automatic fixes.",
    "format": "Run `make fmt`.",
    "roles": "Every file of an app is one of the roles that CONTRIBUTING lists.",
    "sizes": "Split the file by subject.",
    "words": "Use the word after the arrow, or list an honest use in tools/words.py.",
    "local_paths": "Use a path relative to the repository, or the package's name.",
    "pins": "Run `make lock`.",
}
# Tests have no typed signatures; see pyproject.toml.
LOOSE = (
    "--allow-untyped-defs",
    "--allow-incomplete-defs",
    "--allow-untyped-calls",
    "--allow-untyped-decorators",
)


def types(name: str, *words: str, settings: str = "users") -> Command:
    """Return a run of mypy with its own cache."""
    return program("types", "mypy", "--cache-dir", f".mypy_cache/{name}", *words, settings=settings)


def type_checks() -> list[Command]:
    """Return one mypy run per service: its Django plugin knows one settings module at a time.

    Files outside a service that import its models (seeds, end-to-end tests) are checked with that service.
    """
    demo, tests, charts, e2e = (
        python(folder) for folder in ("deploy/demo", "deploy/demo/tests", "deploy/tests", "services/e2e")
    )
    beside = {path: (ROOT / path).read_text(encoding="utf-8") for path in [*demo, *e2e]}
    readers = {
        name: [
            path for path, text in beside.items() if re.search(rf"(?m)^\s*from {name}\.\w+\.models ", text)
        ]
        for name in SERVICES
    }
    seen = {path for paths in readers.values() for path in paths}
    return [
        *(
            types(name, f"services/{name}", *readers[name], settings=name)
            for name in ("study", "users", "notification")
        ),
        types("chassis", "services/chassis", "services/contracts", settings="chassis"),
        types("look", "services/look", settings="look"),
        types("tools", "tools", "deploy/operate"),
        types("demo", *(path for path in demo if path not in seen and path not in tests)),
        types("demo-tests", *LOOSE, *tests),
        types("chart-tests", *LOOSE, *charts, "deploy/helm/seodang/files/journey.py"),
        types("e2e", *LOOSE, *(path for path in e2e if path not in seen)),
    ]


def python(folder: str) -> list[str]:
    """Return the Python files of a folder."""
    return [str(path.relative_to(ROOT)) for path in tracked(f"{folder}/*.py")]


def commands() -> list[Command]:
    """Return all commands, the slow ones first, so that no core is idle at the end."""
    return [
        *type_checks(),
        script("contracts", "contracts", "check"),
        script("migrations", "migrations", "check"),
        *(script("migrations", "migrations", "lint", name) for name in PACKAGES),
        script("texts", "messages", "check"),
        program("templates", "djlint", "--lint", "--quiet", "services", "deploy/gateway"),
        program("imports", "lint-imports", "--no-logo"),
        program("rules", "ast-grep", "scan"),
        program("rules", "ast-grep", "test", "--skip-snapshot-tests"),
        program("lint", "ruff", "check", "--output-format", "concise", "."),
        program("format", "ruff", "format", "--check", "--quiet", "."),
        script("words", "words"),
        *(script(name, "tree", name) for name in ("roles", "sizes", "local_paths", "pins")),
    ]


if __name__ == "__main__":
    sys.exit(report(sys.argv[1:], commands(), HINTS))
