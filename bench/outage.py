"""Speeds under load and around faults: `make bench-outage`, on the MySQL that DATABASE_HOST names.

Prints figures and asserts none: mails a second and the delay of an event while they are sent, the CPU time
that a health probe costs a process, and the 95th percentile of writes before, during and after faults.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "services/e2e"))

import psutil  # noqa: E402
from faults.injection import FAULTS  # noqa: E402
from faults.load import WriteLoad  # noqa: E402
from faults.scenario import Scenario  # noqa: E402
from faults.stack import Stack, stack  # noqa: E402
from faults.test_mail import announce, fill  # noqa: E402

# What the mail server takes in a second.
RATE = 100.0
MAX_SECONDS = 1800.0
PROBES = 200
SHOWN = ("redis-paused-20s", "mysql-paused-20s", "workers-paused-20s", "webs-paused-5s", "mysql-at-200ms-20s")


def measure_mail(running: Stack, scenario: Scenario, recipients: int) -> None:
    """Send one announcement to many, and others to one person meanwhile."""
    cohort, addresses = fill(scenario, recipients)
    mail = running.mail
    mail.rate = RATE
    began = time.monotonic()
    announce(scenario, cohort)
    delays: list[float] = []
    while (count := mail.to(*addresses)) < recipients and time.monotonic() - began < MAX_SECONDS:
        if count:
            published = time.monotonic()
            id_ = announce(scenario)
            while id_ not in scenario.newest() and time.monotonic() - published < 60:
                time.sleep(0.05)
            delays.append(time.monotonic() - published)
        # Not in step with the tasks that send.
        running.watch(1.0 + 0.37 * len(delays) % 2.0)
    seconds = time.monotonic() - began
    mail.rate = None
    print(f"{count} of {recipients} mails in {seconds:.0f} s: {count / seconds:.0f}/s of {RATE:.0f}/s")
    if delays:
        delays.sort()
        middle, last = delays[len(delays) // 2], delays[-1]
        print(f"an event meanwhile: {middle:.2f} s (median of {len(delays)}; max {last:.2f} s) to the inbox")


def measure_probes(running: Stack) -> None:
    """Ask each kind of process for its health."""
    for service in running.processes:
        if service.service != "study" or service.process is None:
            continue
        whole = [psutil.Process(service.process.pid)]
        whole += whole[0].children(recursive=True)
        before = sum(sum(process.cpu_times()[:2]) for process in whole)
        began = time.monotonic()
        for _ in range(PROBES):
            with urllib.request.urlopen(service.health_url, timeout=10) as answer:
                answer.read()
        seconds = time.monotonic() - began
        time.sleep(seconds)  # as long again without probes, which is what the process needs by itself
        middle = sum(sum(process.cpu_times()[:2]) for process in whole)
        time.sleep(2 * seconds)
        idle = sum(sum(process.cpu_times()[:2]) for process in whole) - middle
        print(f"a probe of {service.name} costs {1000 * (middle - before - idle) / PROBES:.1f} ms of CPU")


def measure_faults(running: Stack, scenario: Scenario) -> None:
    """The 95th percentile of accepted writes before, during and after some faults."""
    for name in SHOWN:
        cause, seconds = FAULTS[name]
        load = WriteLoad(scenario, f"{name} {time.time():.0f}")
        load.start()
        running.watch(10)
        began = time.monotonic()
        with cause(running):
            running.watch(seconds)
        over = time.monotonic()
        running.watch(10)
        load.stop()
        before, during, after = (
            load.p95(0, began),
            load.p95(began, over),
            load.p95(over, time.monotonic()),
        )
        ratio = (
            " ".join(f"{figure:.0f} ms ({figure / before:.1f}x)" for figure in (during, after))
            if before
            else "-"
        )
        print(
            f"{name}: p95 {before:.0f} ms before, during and after {ratio}; refused {load.rejections.total()}"
        )
        running.wait_until(lambda: not running.backlog(), "the backlog is empty", seconds=300)


def main() -> None:
    """Start everything, measure, and end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipients", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, stack(Path(folder)) as running:
        scenario = Scenario(running)
        measure_probes(running)
        measure_mail(running, scenario, given.recipients)
        measure_faults(running, scenario)


if __name__ == "__main__":
    main()
