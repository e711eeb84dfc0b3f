"""Measure the demo: seconds until the first page and until all is ready, memory, and remaining processes.

    deploy/demo/measure.py              starts the demo as it is installed, twice
    deploy/demo/measure.py --fresh      clones the tree, empties the caches and times `make demo` from nothing
    deploy/demo/measure.py --keep       uses var/ and not a folder of its own

It stops the demo, prints the measurements, and fails if one exceeds its limit.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from demo.ports import choose_port, is_free
from demo.running_processes import RunningProcess, find_marked, pss

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024
# Limits: seconds until the first page (fresh, then later starts), seconds until all is ready, and MiB.
FIRST_PAGE, NEXT_PAGE, READY, MEMORY = 120, 15, 30, 900
# Seconds.
TIMEOUT = 150
# An environment variable that every process of a run inherits.
MARK = "DEMO_MEASURED"


@dataclass
class Measurement:
    """The measurements of one start; None if it did not get that far."""

    page: float | None
    ready: float | None
    memory: dict[str, int]
    left: list[RunningProcess]

    @property
    def total(self) -> int:
        """The total PSS in MiB."""
        return sum(self.memory.values()) // MIB


def measure(command: list[str], cwd: Path, folder: Path, environment: dict[str, str]) -> Measurement:
    """Start the demo, measure it, and interrupt it. `folder` has its data."""
    name = uuid.uuid4().hex
    mark = f"{MARK}={name}"
    port = choose_port(8000, set()) if not is_free(8000) else 8000
    with (folder.parent / "measure.log").open("wb") as log:
        began = time.monotonic()
        process = _start(command, cwd, {**environment, "PORT": str(port), MARK: name}, log)
        page = ready = None
        memory: dict[str, int] = {}
        try:
            while time.monotonic() - began < TIMEOUT and process.poll() is None and not (page and ready):
                time.sleep(0.2)
                now = time.monotonic() - began
                page = page or (now if _has_page(port) else None)
                ready = ready or (now if _state(folder) == "ready" else None)
            time.sleep(5)  # let memory use stabilise
            memory = _memory(find_marked(mark, folder))
        finally:
            _interrupt(process, folder)
    return Measurement(page, ready, memory, find_marked(mark, folder))


def _start(
    command: list[str], cwd: Path, environment: dict[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **environment}, stdout=log, stderr=log, start_new_session=True
    )


def _has_page(port: int) -> bool:
    """Return True if the first page answers 200, after redirects."""
    path = "/"
    for _ in range(5):
        connection = http.client.HTTPConnection("localhost", port, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            if response.status == http.client.OK:
                return True
            path = response.getheader("Location") or ""
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if not path.startswith("/"):
            return False
    return False


def _state(folder: Path) -> str:
    try:
        state: str = json.loads((folder / "run/status.json").read_text(encoding="utf-8"))["state"]
    except (OSError, ValueError, KeyError):
        return ""
    return state


def _memory(processes: list[RunningProcess]) -> dict[str, int]:
    shares: dict[str, int] = defaultdict(int)
    for process in processes:
        shares[process.name] += pss(process)
    return dict(shares)


def _interrupt(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Send SIGINT to the process group, as a terminal does on Ctrl-C."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        print(f"It did not stop within 60 s after the interrupt: {folder.parent / 'measure.log'}")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def report(name: str, measurement: Measurement, page_limit: int) -> bool:
    """Print the measurements of a start; return True if all are within their limits."""
    print(f"\n{name}")
    for share in sorted(measurement.memory.items(), key=lambda share: -share[1]):
        print(f"    {share[1] / MIB:7.1f} MiB  {share[0]}")
    rows = [
        ("page after", measurement.page, page_limit, "s"),
        ("ready after", measurement.ready, READY if page_limit == NEXT_PAGE else None, "s"),
        ("memory (PSS)", float(measurement.total) if measurement.memory else None, MEMORY, "MiB"),
        ("processes left", float(len(measurement.left)), 0, ""),
    ]
    good = True
    for label, value, limit, unit in rows:
        within = value is not None and (limit is None or value <= limit)
        good = good and within
        shown = "never" if value is None else f"{value:.1f} {unit}"
        print(
            f"  {'ok ' if within else 'NOT'} {label:<15} {shown:>12}"
            + (f"   (limit {limit})" if limit is not None else "")
        )
    for process in measurement.left:
        print(f"      left: {process.pid} {process.name}")
    return good


def main() -> int:
    """The command. Returns its exit code."""
    parser = argparse.ArgumentParser(description="Measure the demo's start, memory and end.")
    parser.add_argument("--fresh", action="store_true", help="from a clean clone with empty caches")
    parser.add_argument("--keep", action="store_true", help="measure the installation in var/")
    chosen = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="seodang-measure-"))
    environment: dict[str, str] = {}
    try:
        if chosen.fresh:
            tree_folder = scratch / "seodang"
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tree_folder)], check=True)
            environment = {
                name: str(scratch / "cache") for name in ("XDG_CACHE_HOME", "UV_CACHE_DIR", "PIP_CACHE_DIR")
            }
            command, folder = ["make", "demo"], tree_folder / "var"
        else:
            tree_folder, folder = ROOT, ROOT / "var" if chosen.keep else scratch / "var"
            command = [sys.executable, str(ROOT / "deploy/demo/run.py")]
            environment["DEMO_FOLDER"] = str(folder)
        first = measure(command, tree_folder, folder, environment)
        good = report("First start", first, FIRST_PAGE)
        if first.ready is not None:
            second = measure(command, tree_folder, folder, environment)
            good = report("Second start", second, NEXT_PAGE) and good
        if not good:
            print(f"\nThe last log: {shutil.copy(folder.parent / 'measure.log', tempfile.gettempdir())}")
        return 0 if good else 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
