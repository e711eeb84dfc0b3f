"""Install sets of pinned packages into .venv: `python3 tools/install.py demo test`.

Needs only the system's Python; pip brings uv, and uv brings the rest. A second run is instant. After an
interrupted run, a moved tree or a changed Python, .venv is created again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
# What is installed: the place, and each set with its hash. Absent during an installation.
STATE = VENV / "installed"
PLACE = f"{VENV} {os.path.realpath(sys.executable)} {sys.version_info[:2]}"
PACKAGES = ("chassis", "look", "contracts", "users", "study", "notification")


def run(*command: str | Path, why: str, **environment: str) -> None:
    """Run a command. Exit with `why` if it fails."""
    if subprocess.run(command, cwd=ROOT, check=False, env={**os.environ, **environment}).returncode != 0:
        sys.exit(f"\n{why}\n")


def pins(name: str) -> str:
    """Return a set's name with a hash of its pins."""
    return f"{name} {hashlib.sha256((ROOT / f'requirements/{name}.txt').read_bytes()).hexdigest()}"


def create_venv() -> None:
    """Create .venv with uv."""
    print("Making .venv …", file=sys.stderr)
    shutil.rmtree(VENV, ignore_errors=True)
    run(
        sys.executable, "-m", "venv", VENV,
        why="Python could not make a virtual environment. On Debian and Ubuntu its part `venv` is a package\n"
        "of its own: install python3-venv (as root: apt-get install python3-venv), then run the same again.",
    )  # fmt: skip
    run(
        PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
        "--requirement", "requirements/uv.txt",
        why="pip could not install uv. Is the package index within reach? Then run the same again.",
    )  # fmt: skip


def package_index() -> dict[str, str]:
    """Return uv's setting for the package index that pip.conf or PIP_INDEX_URL names: uv reads neither."""
    if {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & set(os.environ):
        return {}
    command = [str(PYTHON), "-m", "pip", "config", "get", "global.index-url"]
    found = subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()
    url = os.environ.get("PIP_INDEX_URL") or found
    return {"UV_DEFAULT_INDEX": url} if url else {}


def install(names: list[str]) -> None:
    """Install the sets into .venv, in addition to the installed ones."""
    have = set(STATE.read_text().splitlines()) if STATE.exists() and PYTHON.exists() else set()
    if PLACE not in have:
        create_venv()
        have = set()
    # The packages of this repository.
    [site_packages] = VENV.glob("lib/python*/site-packages")
    folders = [os.path.relpath(ROOT / "services" / name, site_packages) for name in PACKAGES]
    (site_packages / "seodang.pth").write_text("\n".join(folders) + "\n")
    wanted = {pins(name) for name in names}
    if wanted <= have:
        return
    STATE.unlink(missing_ok=True)
    every = sorted({*names, *(line.split()[0] for line in have - {PLACE})})
    print(f"Installing {', '.join(every)} …", file=sys.stderr)
    files = [word for name in ("uv", *every) for word in ("--requirement", f"requirements/{name}.txt")]
    compiler = "\nmysqlclient is compiled: it needs gcc, pkg-config and the client library's headers\n"
    compiler += "(Debian: gcc pkg-config python3-dev default-libmysqlclient-dev)."
    run(
        VENV / "bin/uv", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "--compile-bytecode",
        "--python", PYTHON, *files, **package_index(),
        why="The packages could not be installed. Is the package index within reach, and the disk not full?\n"
        "Run the same again; it starts over." + (compiler if "mysql" in every else ""),
    )  # fmt: skip
    STATE.write_text("\n".join([PLACE, *map(pins, every)]))


if __name__ == "__main__":
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found = ".".join(map(str, sys.version_info[:2]))
        sys.exit(
            f"Seodang needs Python 3.11, 3.12 or 3.13; this is {found}. Say which: make PYTHON=python3.12 …"
        )
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(sys.argv[1:])
