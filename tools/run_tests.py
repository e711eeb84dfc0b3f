"""Run the tests of every package in parallel: `make test`, `make test T=study`.

A package is a folder with its own pytest settings. Each runs in its own process with its own Django settings;
with --mysql on the server of DATABASE_HOST, each in its own database.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The longest first, so that no core is idle at the end.
PACKAGES = {
    "study": "services/study/tests",
    "users": "services/users/tests",
    "notification": "services/notification/tests",
    "chassis": "services/chassis/tests",
    "look": "services/look/tests",
    "contracts": "services/contracts/tests",
    "deploy": "deploy/demo",
    "operate": "deploy/operate",
    "tools": "tools/tests",
}
ON_MYSQL = ("study", "users", "notification", "chassis")
MYSQL_NAMES = ("DATABASE_HOST", "DATABASE_USER", "DATABASE_PASSWORD")
NOTHING_COLLECTED = 5
TAIL = 120


@dataclass(frozen=True)
class Result:
    """The result of one package."""

    package: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    output: str

    @property
    def sentence(self) -> str:
        mark = "ok  " if not self.failed else "FAIL"
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"{mark} {self.package:<13} {counts}  ({self.seconds:.0f} s)"


def environment(package: str, *, mysql: bool) -> dict[str, str]:
    """Return the environment of a package's run, with its own database."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    if mysql:
        ours |= {name: value for name, value in os.environ.items() if name.startswith("DATABASE_")}
        ours["DATABASE_NAME"] = f"{os.environ.get('DATABASE_NAME', 'seodang')}_{package}"
    return ours


def run(package: str, options: list[str], *, mysql: bool) -> Result:
    """Run one package's tests."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        place = ROOT / PACKAGES[package]
        config = next(path / "pyproject.toml" for path in (place, *place.parents) if has_settings(path))
        command = [sys.executable, "-m", "pytest", "--config-file", str(config)]
        command += ["--rootdir", str(config.parent)]
        command += ["--junitxml", str(report), "-o", "junit_family=xunit2", *options, str(place)]
        done = subprocess.run(
            command,
            cwd=config.parent,
            env=environment(package, mysql=mysql),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        passed, failed, skipped = counts(report)
    output = done.stdout
    if done.returncode not in {0, NOTHING_COLLECTED} and not failed:
        failed = 1  # a crash, or a database that could not be created
    if done.returncode < 0:
        output += f"\npytest was ended by {signal.Signals(-done.returncode).name}"
    return Result(package, passed, failed, skipped, time.monotonic() - started, output)


def has_settings(folder: Path) -> bool:
    """Return True if the folder has pytest settings."""
    config = folder / "pyproject.toml"
    return config.exists() and "[tool.pytest.ini_options]" in config.read_text()


def counts(report: Path) -> tuple[int, int, int]:
    """Return the numbers of passed, failed and skipped tests from pytest's report; zeros without one."""
    if not report.exists():
        return 0, 0, 0
    cases = [case for suite in ET.parse(report).getroot() for case in suite.iter("testcase")]  # noqa: S314 (our own file)
    failed = sum(any(child.tag in {"failure", "error"} for child in case) for case in cases)
    skipped = sum(any(child.tag == "skipped" for child in case) for case in cases)
    return len(cases) - failed - skipped, failed, skipped


def chosen(wanted: list[str]) -> list[str]:
    """Return the named packages, or all that have tests."""
    if unknown := set(wanted) - set(PACKAGES):
        sys.exit(f"No package {', '.join(sorted(unknown))}. There are: {', '.join(PACKAGES)}.")
    here = [name for name, place in PACKAGES.items() if any((ROOT / place).rglob("test_*.py"))]
    return [name for name in here if name in wanted or not wanted]


def tail(output: str) -> str:
    """Return the end of an output, which has the failures."""
    lines = output.splitlines()
    cut = [] if len(lines) <= TAIL else [f"… {len(lines) - TAIL} lines before this"]
    return "\n".join([*cut, *lines[-TAIL:]])


def main() -> int:
    """Run the packages; print each result, the output of failures, and the total."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mysql", action="store_true", help="on the server that DATABASE_HOST names")
    parser.add_argument("packages", nargs="*", help=", ".join(PACKAGES))
    options, pytest_options = parser.parse_known_args()
    packages = chosen(options.packages)
    if options.mysql:
        if missing := [name for name in MYSQL_NAMES if name not in os.environ]:
            sys.exit(f"make test-mysql needs {', '.join(missing)}: an account that may create databases.")
        packages = [name for name in packages if name in ON_MYSQL]
    cores = max(2, os.cpu_count() or 2)
    if len(packages) == 1:
        pytest_options += ["--numprocesses", str(cores)]

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = []
    with ThreadPoolExecutor(cores) as pool:
        runs = [pool.submit(run, package, pytest_options, mysql=options.mysql) for package in packages]
        for job in as_completed(runs):
            result = job.result()
            results.append(result)
            if result.failed or (re.search(r"^(FAILED|ERROR) ", result.output, re.MULTILINE)):
                print(f"\n--- {result.package}\n{tail(result.output)}\n", flush=True)
            print(result.sentence, flush=True)
    passed, failed = sum(r.passed for r in results), sum(r.failed for r in results)
    print(f"{passed} passed, {failed} failed, {sum(r.skipped for r in results)} skipped", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
