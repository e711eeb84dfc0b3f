"""Run schemathesis against the OpenAPI documents, two at a time: `make test-api`, `make test-api T=study`.

A service runs in-process, on a temporary database. The seed is fixed, so that failures are reproducible.
CASES=5000 generates more cases.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
E2E = ROOT / "services/e2e"
SERVICES = ("study", "users", "notification")
# Fewer cases count as a failure.
MIN_CASES = 500
TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Result:
    """The result of one service."""

    service: str
    code: int
    cases: int
    output: str

    @property
    def is_good(self) -> bool:
        """Return True if nothing failed and enough cases were sent."""
        return self.code == 0 and self.cases >= MIN_CASES


def run(service: str) -> Result:
    """Test one service's document."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    # An in-memory queue without a consumer: enqueued tasks are dropped.
    ours |= {"DJANGO_SETTINGS_MODULE": f"{service}.settings", "BROKER_URL": "memory://"}
    # No requests to external servers.
    ours |= {"GITHUB_API_URL": "http://127.0.0.1:1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "chassis.testing", "-p", "no:logging"]
    command += ["-p", "no:cacheprovider", "--show-capture=no", "documents"]
    try:
        done = subprocess.run(
            command,
            cwd=E2E,
            env=ours,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        code, output = 1, f"{late.stdout!r}\nIt did not finish within {TIMEOUT_SECONDS} s."
    counted = re.search(rf"^{service}: (\d+) cases", output, re.MULTILINE)
    return Result(service, code, int(counted[1]) if counted else 0, output)


def report(result: Result) -> None:
    """Print the figures of a success, or the whole output of a failure."""
    if result.code:
        print(result.output)
    figures = [
        line for line in result.output.splitlines() if line.startswith((f"{result.service}: ", "  never"))
    ]
    print("\n".join([f"{'ok  ' if result.is_good else 'FAIL'} {result.service}", *figures]), flush=True)
    if not result.code and result.cases < MIN_CASES:
        print(f"Only {result.cases} cases were sent; {MIN_CASES} are the minimum.")


def main(wanted: list[str]) -> int:
    """Run them. Returns the exit code."""
    if unknown := set(wanted) - set(SERVICES):
        sys.exit(f"No service {', '.join(sorted(unknown))}. There are: {', '.join(SERVICES)}.")
    results = []
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run, service) for service in wanted or SERVICES]
        for job in as_completed(runs):
            results.append(job.result())
            report(results[-1])
    failed = sum(not result.is_good for result in results)
    print(f"{sum(result.cases for result in results)} cases")
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
