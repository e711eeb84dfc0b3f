"""Install sets of pinned packages into .venv: `python3 tools/install.py demo test`.

Needs only the system's Python. A second run is instant. After an interrupted run, a moved tree or a changed
Python, .venv is created again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STATE = VENV / "installed.json"
IN_PROGRESS = VENV / "installing"
PACKAGES = ("chassis", "look", "contracts", "users", "study", "notification")


def log(text: str) -> None:
    """Print a line of progress to stderr."""
    print(text, file=sys.stderr, flush=True)


def fail(text: str) -> None:
    """Exit with an error message that says how to fix it."""
    log("\n" + text + "\n")
    sys.exit(1)


def run(command: list[str], why: str) -> None:
    """Run a command. Exit with `why` if it fails."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        fail(why)


def pins(name: str) -> str:
    """Return a hash of the pins of a set."""
    return hashlib.sha256((ROOT / "requirements" / f"{name}.txt").read_bytes()).hexdigest()[:16]


def location() -> str:
    """Return what a virtual environment depends on: its path and its Python."""
    return f"{VENV} {os.path.realpath(sys.executable)} {sys.version_info[0]}.{sys.version_info[1]}"


def site_packages() -> Path:
    """Return the site-packages folder of .venv."""
    return VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


def installed() -> dict[str, str]:
    """Return the installed sets; empty if .venv has to be created again."""
    try:
        state = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}
    if IN_PROGRESS.exists() or state.get("place") != location() or not (VENV / "bin" / "python").exists():
        return {}
    here = {entry.name for entry in site_packages().glob("*.dist-info")}
    if not here.issuperset(state["packages"]):
        return {}
    return dict(state["sets"])


def create_venv() -> None:
    """Create an empty .venv with uv."""
    log("Making .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    run(
        [sys.executable, "-m", "venv", str(VENV)],
        "Python could not make a virtual environment. On Debian and Ubuntu its part `venv` is a package of\n"
        "its own: install python3-venv (as root: apt-get install python3-venv), then run the same again.",
    )
    IN_PROGRESS.touch()
    run(
        [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--require-hashes", "--requirement", "requirements/uv.txt"],
        "pip could not install uv. Is the package index within reach? Then run the same again.",
    )  # fmt: skip


def link_packages() -> None:
    """Put our own packages on the path of .venv."""
    lines = [os.path.relpath(ROOT / "services" / name, site_packages()) for name in PACKAGES]
    (site_packages() / "seodang.pth").write_text("\n".join(lines) + "\n")


def install(names: list[str]) -> None:
    """Install the sets into .venv, in addition to the installed ones."""
    have = installed()
    wanted = {name: pins(name) for name in names}
    if not have:
        create_venv()
    link_packages()
    if have and all(have.get(name) == pin for name, pin in wanted.items()):
        return
    IN_PROGRESS.touch()
    every = sorted({*have, *wanted})
    log(f"Installing {', '.join(every)} …")
    command = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
    command += ["--python", str(VENV / "bin" / "python"), "--compile-bytecode"]
    for name in every:
        command += ["--requirement", f"requirements/{name}.txt"]
    compiler = "\nmysqlclient is compiled: it needs gcc, pkg-config and the client library's headers\n"
    compiler += "(Debian: gcc pkg-config python3-dev default-libmysqlclient-dev)."
    run(
        command,
        "The packages could not be installed. Is the package index within reach, and the disk not full?\n"
        "Run the same again; it starts over." + (compiler if "mysql" in every else ""),
    )
    state = {
        "place": location(),
        "sets": {name: pins(name) for name in every},
        "packages": sorted(entry.name for entry in site_packages().glob("*.dist-info")),
    }
    STATE.write_text(json.dumps(state, indent=1))
    IN_PROGRESS.unlink()


def main(names: list[str]) -> int:
    """Install the named sets, under a lock."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found = ".".join(map(str, sys.version_info[:2]))
        fail(f"Seodang needs Python 3.11, 3.12 or 3.13; this is {found}. Say which: make PYTHON=python3.12 …")
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(names)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
