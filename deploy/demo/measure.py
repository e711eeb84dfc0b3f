"""Measure the demo: seconds until the first page and until all is ready, memory, and remaining processes.

    deploy/demo/measure.py              starts the demo as it is installed, twice
    deploy/demo/measure.py --fresh      clones the tree, empties the caches and times `make demo` from nothing
    deploy/demo/measure.py --keep       uses var/ and not a folder of its own

It stops the demo, prints the measurements, and fails if one exceeds its limit.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import psutil
from demo.folders import ROOT, Folders
from demo.foreground import find_processes
from demo.ports import is_free, reserve_port

MIB = 1024 * 1024
# Limits: seconds until the first page (fresh, then later starts), seconds until all is ready, and MiB.
FIRST_PAGE, NEXT_PAGE, READY, MEMORY = 120, 15, 30, 900
# Seconds.
TIMEOUT = 150


def measure(command: list[str], environment: dict[str, str], folders: Folders, page_limit: int) -> bool:
    """Start the demo, measure it, and interrupt it. Return True if all is within its limits."""
    with reserve_port() as held:
        port = 8000 if is_free(8000) else held.getsockname()[1]
    environment = {**os.environ, **environment, "PORT": str(port)}
    began = time.monotonic()
    log = (folders.var.parent / "measure.log").open("wb")
    with (
        log,
        subprocess.Popen(
            command, cwd=folders.var.parent, env=environment, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        page = ready = None
        memory: Counter[str] = Counter()
        try:
            while time.monotonic() - began < TIMEOUT and process.poll() is None and not (page and ready):
                time.sleep(0.2)
                page = page or (time.monotonic() - began if has_page(port) else None)
                ready = ready or (time.monotonic() - began if is_ready(folders) else None)
            time.sleep(5)  # let memory use stabilise
            top = [psutil.Process(process.pid)] if process.poll() is None else []
            for running in (*top, *find_processes(folders)):
                with suppress(psutil.Error):
                    command_line = " ".join(running.cmdline())[:60]
                    name = running.environ().get("SUPERVISOR_PROCESS_NAME", command_line)
                    memory[name] += running.memory_full_info().pss
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does on Ctrl-C
    for name, share in memory.most_common():
        print(f"    {share / MIB:7.1f} MiB  {name}")
    left = find_processes(folders)
    rows = [
        ("page after", page, page_limit, "s"),
        ("ready after", ready, READY if page_limit == NEXT_PAGE else TIMEOUT, "s"),
        ("memory (PSS)", memory.total() / MIB or None, MEMORY, "MiB"),
        ("processes left", len(left), 0, ""),
    ]
    good = True
    for label, value, limit, unit in rows:
        within = value is not None and value <= limit
        good = good and within
        shown = "never" if value is None else f"{value:.1f} {unit}"
        print(f"  {'ok ' if within else 'NOT'} {label:<15} {shown:>12}   (limit {limit})")
    for process_left in left:
        print(f"      left: {process_left}")
    return good


def has_page(port: int) -> bool:
    """Return True if the first page answers 200, after redirects."""
    with suppress(OSError), urlopen(f"http://localhost:{port}/", timeout=5):
        return True
    return False


def is_ready(folders: Folders) -> bool:
    """Return True if the demo says that everything is ready."""
    with suppress(OSError, ValueError):
        return bool(json.loads((folders.run / "status.json").read_text(encoding="utf-8"))["state"] == "ready")
    return False


def main() -> int:
    """The command. Returns its exit code."""
    parser = argparse.ArgumentParser(description="Measure the demo's start, memory and end.")
    parser.add_argument("--fresh", action="store_true", help="from a clean clone with empty caches")
    parser.add_argument("--keep", action="store_true", help="measure the installation in var/")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seodang-measure-", ignore_cleanup_errors=True) as scratch:
        var = Path(scratch) / "var"
        command, environment = [sys.executable, str(ROOT / "deploy/demo/run.py")], {"DEMO_FOLDER": str(var)}
        if chosen.fresh:
            var = Path(scratch) / "seodang/var"
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(var.parent)], check=True)
            caches = ("XDG_CACHE_HOME", "UV_CACHE_DIR", "PIP_CACHE_DIR")
            command, environment = ["make", "demo"], dict.fromkeys(caches, str(Path(scratch) / "cache"))
        elif chosen.keep:
            var, environment = ROOT / "var", {}
        for name, page_limit in (("First start", FIRST_PAGE), ("Second start", NEXT_PAGE)):
            print(f"\n{name}")
            if not measure(command, environment, Folders(var), page_limit):
                log = shutil.copy(var.parent / "measure.log", tempfile.gettempdir())
                print(f"\nThe log: {log}")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
