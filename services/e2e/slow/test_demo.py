"""Slow clients against the demo: other requests are answered, and no process dies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from browser.demo import Demo, running

from slow.senders import MIB, attack, deliveries, forms

EACH, SECONDS = 20, 60
# The memory limit of the gateway and web containers.
LIMIT = 256 * MIB


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """Return a running demo."""
    with running() as found:
        yield found


def processes() -> dict[int, psutil.Process]:
    """Return the demo's gateway and web processes by pid."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        words = process.cmdline()
        if words[0].endswith("caddy") or "web" in words:
            found[process.pid] = process
    return found


def test_slow_forms_on_every_public_path_stop_nobody(demo: Demo) -> None:
    before = processes()
    report = attack(demo.url, forms(EACH), seconds=SECONDS)
    report.assert_answered(at_least=SECONDS)
    assert_alive(before)


def test_unfinished_deliveries_of_24_mib_stop_nobody(demo: Demo) -> None:
    before = processes()
    report = attack(demo.url, deliveries(EACH), seconds=SECONDS)
    report.assert_answered(at_least=SECONDS)
    assert report.ends["503"] > EACH // 2, report.ends
    assert_alive(before)


def assert_alive(before: dict[int, psutil.Process]) -> None:
    """Fail unless the same processes run, within the memory limit."""
    assert len(before) >= 4
    assert before.keys() == processes().keys()
    for process in before.values():
        gateway = process.cmdline()[0].endswith("caddy")
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
        (peak,) = (int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
        print(f"{'gateway' if gateway else 'web'}: at most {peak // MIB} MiB")
        assert peak < LIMIT, process.cmdline()
