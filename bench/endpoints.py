"""What a request costs the study service's web server, beside rivals: `make bench`, `make bench-mysql`.

Fills a database of its own with a cohort of 200 members and 16 missions (A='--members 1000 --cohorts 10' for
others), starts the product's web server and its rivals on it, and checks that all return the same. Then it
sends each a fixed number of requests on one connection, in rounds, and measures the CPU time of the server's
processes and, on MySQL, the work of the database by the server's own count (performance_schema). A ratio is
one to the floor in the same round: a plain Django view with hand-written SQL. Prints medians and quartiles,
and writes them to var/bench/http.json, or http-mysql.json; `--compare FILE` prints what changed since, and
`--record` writes docs/performance.md. Exits with 1 if something exceeds its limit.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "services/e2e"))

import psutil  # noqa: E402
import targets  # noqa: E402
from endpoint_figures import Figures, compare, print_table, summary  # noqa: E402
from kill.databases import is_mysql  # noqa: E402
from study_database import Work, database  # noqa: E402
from study_servers import COMMANDS, Keys, Server, environment, run, servers  # noqa: E402

from chassis.testing.serving import serving  # noqa: E402

MISSIONS = 16
# A run takes minutes; this ends one that does not come to its end.
MAX_SECONDS = 1800
TOKEN_SECONDS = 2 * MAX_SECONDS
FLOOR = "floor"
WARM_UP = 20
# A round begins once others use less of the machine than this, in percent, or after so many seconds.
QUIET_PERCENT, MAX_WAIT = 8.0, 30


@dataclass(frozen=True)
class Endpoint:
    """What is requested: a path of each variant, and how often in a round."""

    name: str
    paths: dict[str, str]
    requests: int
    needs_token: bool = True


def endpoints(rows: dict[str, Any], *, is_quick: bool) -> list[Endpoint]:
    """Return what is measured."""
    part = 5 if is_quick else 1
    page = f"/api/v1/study/cohorts/{rows['cohort']}/submissions"
    detail = f"/api/v1/study/submissions/{rows['submissions'][0]}"
    healthz = {"product": "/healthz/live", FLOOR: "/healthz", f"{FLOOR}-2": "/healthz"}
    return [
        Endpoint("list", dict.fromkeys(COMMANDS, page), 200 // part),
        Endpoint("detail", dict.fromkeys(COMMANDS, detail), 200 // part),
        Endpoint("healthz", healthz, 1000 // part, needs_token=False),
    ]


def canonical(value: Any) -> Any:
    """Return a JSON value with each time in UTC, in one form."""
    if isinstance(value, dict):
        return {name: canonical(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, str) and value[4:5] == "-" and value[10:11] == "T":
        return datetime.fromisoformat(value).astimezone(UTC).isoformat()
    return value


def next_path(path: str, cursor: str) -> str:
    """Return the path of the next page. `cursor` is one, or a URL that has it in its query."""
    query = parse_qs(urlsplit(cursor).query)
    return f"{path}?{urlencode({'cursor': query['cursor'][0] if query else cursor})}"


def check_same(running: dict[str, Server], rows: dict[str, Any], token: str) -> None:
    """Exit unless every variant returns what the product returns: two pages, and details of submissions."""
    page = f"/api/v1/study/cohorts/{rows['cohort']}/submissions"
    found: dict[str, Any] = {}
    for name, server in running.items():
        first = server.get(page, token)
        second = server.get(next_path(page, first["next"]), token)
        details = [server.get(f"/api/v1/study/submissions/{id_}", token) for id_ in rows["submissions"]]
        found[name] = canonical([first["results"], second["results"], details])
    expected = found["product"]
    late = sum(row["is_late"] for results in expected[:2] for row in results)
    print(f"two pages: {sum(map(len, expected[:2]))} submissions, {late} of them late", flush=True)
    for name, answers in found.items():
        if differences := list(different(expected, answers)):
            sys.exit(f"{name} returns something else than the product:\n" + "\n".join(differences[:10]))


def different(expected: Any, found: Any, place: str = "") -> Iterator[str]:
    """Yield where two JSON values differ."""
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        for name, value in expected.items():
            yield from different(value, found[name], f"{place}.{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (value, other) in enumerate(zip(expected, found, strict=True)):
            yield from different(value, other, f"{place}[{number}]")
    elif expected != found:
        yield f"{place}: {expected!r} expected, not {found!r}"


@dataclass
class Measurement:
    """Requests to the servers, and what they cost."""

    running: dict[str, Server]
    work: Callable[[], Work | None]
    token: str
    figures: dict[tuple[str, str], Figures] = field(default_factory=dict)

    def send(self, name: str, endpoint: Endpoint, count: int) -> tuple[list[float], int]:
        """Send requests from another process. Return the times of the answers in ms, and their size."""
        headers = {"Authorization": f"Bearer {self.token}"} if endpoint.needs_token else {}
        wanted = {"port": self.running[name].port, "path": endpoint.paths[name], "headers": headers}
        done = subprocess.run(  # noqa: S603
            [sys.executable, str(Path(__file__).with_name("keep_alive_client.py"))],
            input=json.dumps({**wanted, "count": count}),
            stdout=subprocess.PIPE,
            text=True,
            timeout=MAX_SECONDS,
            check=True,
        )
        times, size = json.loads(done.stdout)
        return times, size

    def measure(self, name: str, endpoint: Endpoint) -> None:
        """Measure one round of one variant."""
        server = self.running[name]
        cpu, work = server.cpu_seconds(), self.work()
        times, size = self.send(name, endpoint, endpoint.requests)
        work_after = self.work()
        cpu_us = 1e6 * (server.cpu_seconds() - cpu) / endpoint.requests
        own = self.figures.setdefault((endpoint.name, name), Figures())
        own.add(cpu_us, work_after - work if work and work_after else None, times, size)


def wait_until_quiet() -> bool:
    """Wait until nobody else uses the machine, but not for long. Return whether it is so."""
    until = time.monotonic() + MAX_WAIT
    while psutil.cpu_percent(0.7) > QUIET_PERCENT:
        if time.monotonic() > until:
            return False
    return True


def measure(measurement: Measurement, wanted: list[Endpoint], rounds: int) -> int:
    """Warm every server up, and measure each in each round, each round beginning with another.

    Return the number of rounds that began while others used the machine.
    """
    for endpoint in wanted:
        for name in endpoint.paths:
            measurement.send(name, endpoint, WARM_UP)
    began, busy = time.monotonic(), 0
    for number in range(rounds):
        busy += not wait_until_quiet()
        for endpoint in wanted:
            names = list(endpoint.paths)
            begin = number % len(names)
            for name in names[begin:] + names[:begin]:
                measurement.measure(name, endpoint)
        seconds = time.monotonic() - began
        print(f"round {number + 1} of {rounds} after {seconds:.0f} s", flush=True)
        if seconds > MAX_SECONDS:
            sys.exit(f"{number + 1} rounds took more than {MAX_SECONDS} s.")
    return busy


def machine() -> dict[str, Any]:
    """Return what the figures depend on besides the code."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processors": psutil.cpu_count(),
        "model": models[0] if models else "",
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": sys.version.split()[0],
    }


def commit() -> str:
    """Return the commit of the tree, "" outside a repository."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=8"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip()


def main() -> None:
    """Fill, start, check, measure, print, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--cohorts", type=int, default=1)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true", default=os.environ.get("QUICK", "0") not in {"", "0"})
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--compare", type=Path, metavar="FILE")
    given = parser.parse_args()
    # Read first: it may be the very file that is written.
    before = json.loads(given.compare.read_text()) if given.compare else None
    # So that the servers end with it, and the database is dropped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    rounds = given.rounds or (2 if given.quick else 6)
    size = {"members": given.members, "missions": MISSIONS, "cohorts": given.cohorts}
    keys = Keys()
    with (
        tempfile.TemporaryDirectory() as name,
        database(Path(name)) as own,
        serving(keys.answer) as users_url,
    ):
        folder = Path(name)
        settings = environment(own, users_url)
        began = time.monotonic()
        run(settings, "-m", "chassis.entrypoint", "migrate")
        options = [word for name, value in size.items() for word in (f"--{name}", str(value))]
        rows = json.loads(run(settings, str(Path(__file__).with_name("study_data.py")), *options))
        seconds = time.monotonic() - began
        print(f"{own.version}: filled in {seconds:.0f} s", flush=True)
        token = keys.token(rows["mentor"], seconds=TOKEN_SECONDS)
        with servers(settings, folder, list(COMMANDS)) as running:
            check_same(running, rows, token)
            wanted = endpoints(rows, is_quick=given.quick)
            measurement = Measurement(running, own.work, token)
            busy = measure(measurement, wanted, rounds)
        version = own.version
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "database": version,
        **size,
        "rounds": rounds,
        "busy_rounds": busy,
        "requests": {endpoint.name: endpoint.requests for endpoint in wanted},
        "endpoints": summary(measurement.figures, floor=FLOOR),
    }
    print_table(result)
    target = ROOT / "var/bench" / ("http-mysql.json" if is_mysql() else "http.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nWritten to {target.relative_to(ROOT)}.")
    if before:
        compare(before, result)
    if given.record:
        targets.record(result)
    if found := list(targets.exceeded(result, is_quick=given.quick)):
        sys.exit("Beyond the limits:\n" + "\n".join(found))


if __name__ == "__main__":
    main()
