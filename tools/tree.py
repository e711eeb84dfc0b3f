"""Check files and their contents: `tree.py roles`, `sizes`, `local_paths`, `pins`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
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
# A module of the packages that the services share has one subject, which fits on so many lines.
MAX_SHARED_LINES = 250
SHARED_PACKAGES = ("services/chassis/chassis/", "services/look/look/")
UNLIMITED_SUFFIXES = {".po", ".svg", ".json", ".yaml", ".txt", ".csv", ".png", ".woff2"}
UNLIMITED_NAMES = {"LICENSE", "seodang.css"}
# Written by `make contracts` and `make manifests`, as migrations are by Django.
GENERATED = {"docs/events.md", "deploy/gateway/Caddyfile", "deploy/helm/seodang/files/Caddyfile"}

# Hosts of package registries, and homes.
LOCAL = r"files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs\.org|deb\.debian\.org|proxy\.golang\.org"
LOCAL += r"|(?<![\w.])/(?:home|Users)/\w+/|/root/\."
# Folders of every machine.
COMMON = {Path("/", name) for name in ("", "home", "mnt", "opt", "root", "run", "srv", "tmp", "usr", "var")}
UPWARDS = re.compile(r"(?<![\w./])(?:\.\./)+\w[\w./-]*")


def roles() -> Iterator[str]:
    """Yield the files of an app that have no role."""
    for service in SERVICES:
        package = ROOT / "services" / service / service
        settings = (package / "settings.py").read_text(encoding="utf-8")
        for entry in modules(package):
            if f'"{service}.{entry.name}"' in settings:
                yield from misplaced(entry)
            elif entry.is_dir():
                yield f"{entry.relative_to(ROOT)}/: no app; list it in INSTALLED_APPS"
            elif entry.suffix == ".py" and entry.stem not in TOP_LEVEL:
                yield f"{entry.relative_to(ROOT)}: the top level contains {', '.join(sorted(TOP_LEVEL))}"


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
        name = str(path.relative_to(ROOT))
        generated = path.parent.name == "migrations" or name in GENERATED
        is_shared = path.suffix == ".py" and name.startswith(SHARED_PACKAGES)
        limit = MAX_SHARED_LINES if is_shared else MAX_LINES
        if lines > limit and not generated:
            yield f"{name}: {lines} lines, {limit} at most"


def local_paths() -> Iterator[str]:
    """Yield addresses of package registries and paths of this machine: above, beside, or the user's."""
    here = {*ROOT.parents, Path.home(), *map(Path, os.environ.get("PIP_FIND_LINKS", "").split())} - COMMON
    # The name of a folder in / can also begin a URL path, as /check begins /check-suites: its entries count.
    here = {path for folder in here for path in (folder.iterdir() if len(folder.parts) == 2 else [folder])}
    pattern = re.compile(
        "|".join(
            [LOCAL, *(rf"(?<![\w./]){re.escape(str(folder))}\b" for folder in sorted(here, reverse=True))]
        )
    )
    for path in tracked():
        if path == Path(__file__).resolve() or b"\0" in path.read_bytes()[:8000]:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            place = f"{path.relative_to(ROOT)}:{number}"
            if found := pattern.search(line):
                yield f"{place}: {found[0]} exists on one machine only"
            for found in UPWARDS.finditer(line):
                targets = {(folder / found[0]).resolve() for folder in (path.parent, ROOT)}
                exist = {target.is_relative_to(ROOT) for target in targets if target.exists()}
                if exist == {False}:
                    yield f"{place}: {found[0]} is outside the repository"


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


CHECKS = {check.__name__: check for check in (roles, sizes, local_paths, pins)}

if __name__ == "__main__":
    problems = [problem for name in sys.argv[1:] for problem in CHECKS[name]()]
    print("\n".join(problems))
    sys.exit(bool(problems))
