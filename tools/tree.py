"""Check files and their contents: `tree.py roles`, `sizes`, `local_paths`, `pins`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from project import ROOT, SERVICES, tracked

ROLES = {
    "models", "events", "rules", "actions", "queries", "access", "api", "pages", "forms", "tasks", "handlers",
}  # fmt: skip
DJANGO_MODULES = {"apps", "urls", "migrations", "templates", "templatetags", "management", "locale"}
# Names that say nothing about the contents.
CATCH_ALL_NAMES = {
    "admin", "base", "common", "constants", "core", "helpers", "lib", "managers", "misc", "serializers",
    "services", "signals", "tools", "utils", "views", "static",
}  # fmt: skip
TOP_LEVEL = {"settings", "urls", "subscriptions", "celery", "wsgi"}

MAX_LINES = 400
UNLIMITED_SUFFIXES = {".po", ".svg", ".json", ".yaml", ".txt", ".csv", ".png"}
UNLIMITED_NAMES = {"LICENSE"}

# Hosts of package registries and paths of one machine do not work elsewhere.
LOCAL_PATHS = re.compile(
    r"files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs\.org|deb\.debian\.org"
    r"|proxy\.golang\.org|(?<![\w.])/(?:home|Users)/\w+/|(?<![\w./])/(?:work|opt/wheels|farm)/\w|/root/\."
)


def roles() -> Iterator[str]:
    """Yield the files of an app that have no role."""
    for service in SERVICES:
        package = ROOT / "services" / service / service
        for entry in modules(package):
            if entry.is_dir() and not (entry / "apps.py").exists():
                yield f"{entry.relative_to(ROOT)}/: no app; an app has an apps.py"
            elif entry.suffix == ".py" and entry.stem not in TOP_LEVEL:
                yield f"{entry.relative_to(ROOT)}: the top level contains {', '.join(sorted(TOP_LEVEL))}"
        for app in sorted(path.parent for path in package.glob("*/apps.py")):
            yield from misplaced(app)


def modules(folder: Path) -> list[Path]:
    """Return the entries of a folder, without `__init__.py`, `py.typed` and ignored files."""
    known = {path for file in tracked(str(folder.relative_to(ROOT))) for path in (file, *file.parents)}
    return sorted(
        entry
        for entry in folder.iterdir()
        if entry in known and entry.name not in {"__init__.py", "py.typed"}
    )


def misplaced(app: Path) -> Iterator[str]:
    """Yield the modules of an app that have no role, have a catch-all name, or are empty."""
    outside: list[str] = []
    for entry in modules(app):
        place = entry.relative_to(ROOT)
        if entry.stem in CATCH_ALL_NAMES:
            yield f"{place}: no module of that name; name it after its role ({', '.join(sorted(ROLES))})"
        elif entry.suffix == ".py" and not entry.read_text(encoding="utf-8").strip():
            yield f"{place}: an empty module; remove it"
        elif entry.stem not in ROLES | DJANGO_MODULES:
            outside.append(entry.name)
    if len(outside) > 1:
        yield f"{app.relative_to(ROOT)}: at most one module for an external system, not {', '.join(outside)}"


def sizes() -> Iterator[str]:
    """Yield the files that are too long."""
    for path in tracked():
        if path.suffix in UNLIMITED_SUFFIXES or path.name in UNLIMITED_NAMES:
            continue
        lines = path.read_bytes().count(b"\n")
        generated = path.parent.name == "migrations" or path == ROOT / "docs" / "events.md"
        if lines > MAX_LINES and not generated and path.name != "seodang.css":
            yield f"{path.relative_to(ROOT)}: {lines} lines, {MAX_LINES} at most"


def local_paths() -> Iterator[str]:
    """Yield addresses of package registries and paths of one machine."""
    for path in tracked():
        if path == Path(__file__).resolve() or b"\0" in path.read_bytes()[:8000]:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if found := LOCAL_PATHS.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {found[0]} exists on one machine only"
            if "shared/platform" in line and path.name not in {"run", "tree.py"}:
                yield f"{path.relative_to(ROOT)}:{number}: only .ci/run may use files outside the project"


def pins() -> Iterator[str]:
    """Yield pins that contradict each other, contain an address, or miss a requirement of their source."""
    versions: dict[str, set[str]] = {}
    for path in [*tracked("requirements/*.txt"), *tracked("services/*/requirements.txt")]:
        text = path.read_text(encoding="utf-8")
        if "://" in text:
            yield f"{path.relative_to(ROOT)}: holds an address; pins are names, versions and hashes"
        for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE):
            versions.setdefault(name, set()).add(version)
        source = path.with_suffix(".in")
        asked = re.findall(r"^([\w.-]+)", source.read_text(), re.MULTILINE) if source.exists() else []
        for name in asked:
            if not re.search(rf"^{re.escape(name)}==", text, re.MULTILINE | re.IGNORECASE):
                yield f"{path.relative_to(ROOT)}: {name} of {source.name} is not pinned; run `make lock`"
    for name, found in versions.items():
        if len(found) > 1:
            yield f"{name}: pinned as {' and '.join(sorted(found))}; run `make lock`"


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "roles": roles,
    "sizes": sizes,
    "local_paths": local_paths,
    "pins": pins,
}


def main(arguments: list[str]) -> int:
    """Run the named checks; print what they find."""
    found = [problem for name in arguments for problem in CHECKS[name]()]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
