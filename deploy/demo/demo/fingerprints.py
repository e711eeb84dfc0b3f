"""Fingerprints that show whether a service's database and static files are current."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from demo.folders import ROOT, Folders


def is_prepared(service: str, folders: Folders, root: Path = ROOT) -> bool:
    """Return False if the service's migrations, static files, packages or sample data changed."""
    file = folders.fingerprint(service)
    return (
        file.is_file()
        and folders.database(service).is_file()
        and folders.static(service).is_dir()
        and file.read_text(encoding="utf-8") == fingerprint(service, root)
    )


def save_fingerprint(service: str, folders: Folders, root: Path = ROOT) -> None:
    """Save the fingerprint of a service after its preparation."""
    folders.fingerprint(service).write_text(fingerprint(service, root), encoding="utf-8")


def fingerprint(service: str, root: Path = ROOT) -> str:
    """Return the hashes of all files that a service is prepared from."""
    files = {str(file.relative_to(root)): hashlib.sha256(file.read_bytes()) for file in _files(service, root)}
    return "".join(f"{digest.hexdigest()}  {path}\n" for path, digest in files.items())


def _files(service: str, root: Path) -> Iterator[Path]:
    yield from sorted((root / "services" / service).glob("requirements.txt"))
    yield from sorted((root / "deploy/demo").glob("seed*.*"))
    for package in ("chassis", "look", service):
        installation = root / "services" / package
        yield from sorted(installation.rglob("migrations/*.py"))
        yield from sorted(file for file in installation.rglob("static/**/*") if file.is_file())
