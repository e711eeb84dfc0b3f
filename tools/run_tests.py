"""Run the tests of each package with pytest, one package after the other: `make test`, `make test T=study`.

A package has its own Django settings, so each runs in its own process; pytest-xdist uses every core. With
--mysql those that ask a database run on the server of DATABASE_HOST, each package in its own database. Other
options are pytest's.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from itertools import takewhile

from project import ROOT

PACKAGES = {
    "study": "services/study",
    "users": "services/users",
    "notification": "services/notification",
    "chassis": "services/chassis",
    "look": "services/look",
    "contracts": "services/contracts",
    "deploy": "deploy/demo",
    "operate": "deploy/operate",
    "tools": "tools/tests",
}
ON_MYSQL = ("study", "users", "notification", "chassis")
MYSQL_NAMES = ("DATABASE_HOST", "DATABASE_USER", "DATABASE_PASSWORD")
NOTHING_COLLECTED = 5


def run(package: str, options: list[str], environment: dict[str, str]) -> Counter[str]:
    """Run one package's tests and print pytest's output. Return the numbers of its summary."""
    command = [sys.executable, "-m", "pytest", "--numprocesses", str(max(2, os.cpu_count() or 2))]
    # Slow tests follow each other: a worker that has no more tests takes from the other.
    command += ["--dist", "worksteal", *options]
    print(f"\n--- {package}", flush=True)
    summary = ""
    with subprocess.Popen(
        [*command, PACKAGES[package]], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as pytest:
        for line in pytest.stdout or ():
            print(line, end="", flush=True)
            summary = line if re.search(r" in [\d.]+s\b", line) else summary
    found = Counter({word.rstrip("s"): int(count) for count, word in re.findall(r"(\d+) (\w+)", summary)})
    found["failed"] += found["error"]
    if pytest.returncode not in {0, NOTHING_COLLECTED}:
        # Without a summary, pytest has crashed.
        found["failed"] = max(1, found["failed"])
    return found


def main(arguments: list[str]) -> int:
    """Run the named packages, or all, and print the total."""
    on_mysql = arguments[:1] == ["--mysql"]
    wanted = list(takewhile(lambda word: not word.startswith("-"), arguments[on_mysql:]))
    options = arguments[on_mysql + len(wanted) :]
    if unknown := set(wanted) - set(PACKAGES):
        sys.exit(f"No package {', '.join(sorted(unknown))}. There are: {', '.join(PACKAGES)}.")
    packages = [name for name in PACKAGES if name in (wanted or PACKAGES)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    if on_mysql:
        if missing := [name for name in MYSQL_NAMES if name not in os.environ]:
            sys.exit(f"make test-mysql needs {', '.join(missing)}: an account that may create databases.")
        packages = [name for name in packages if name in ON_MYSQL]
        environment = dict(os.environ)
    total: Counter[str] = Counter()
    for package in packages:
        if on_mysql:
            environment["DATABASE_NAME"] = f"{os.environ.get('DATABASE_NAME', 'seodang')}_{package}"
            # To encrypt each statement takes a fifth of the time. The chassis tests the default.
            environment["DATABASE_SSL_MODE"] = "preferred" if package == "chassis" else "disabled"
        total += run(package, options, environment)
    print(f"\n{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped", flush=True)
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
