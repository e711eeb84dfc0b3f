"""Each event takes effect exactly once, whichever process is killed.

KILL_SEED=… repeats a schedule; the figures name the one that was used.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from kill.databases import databases, is_mysql
from kill.processes import PYTHON, Child, die_with_parent, environment, free_port, run, stack


@dataclass(frozen=True)
class Size:
    """The size of a run. Publishing ends before the kills, so that some of them hit the catch-up."""

    events: int
    publishing_seconds: float
    kills: int
    flushes: int


WHOLE = Size(events=2_000, publishing_seconds=75.0, kills=48, flushes=12)
# Two workers on one SQLite file wait for each other: a small run only.
SMALL = Size(events=300, publishing_seconds=15.0, kills=12, flushes=3)
BETWEEN_KILLS = (0.6, 2.2)
UNTIL_RESTART = (0.0, 0.6)
STARTED_WITHIN = 60.0
# A kill during the start would interrupt nothing.
WORKS_FOR = 2.0
DRAINED_WITHIN = 120.0
# The percentage of kills by kind.
SHARES = {"worker": 50, "relay": 25, "redis": 25}


@pytest.fixture(autouse=True)
def ends_in_order() -> Iterator[None]:
    """Handle SIGTERM like Ctrl-C, so that the processes are stopped."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    yield
    signal.signal(signal.SIGTERM, before)


def flush(port: int) -> bool:
    """Run FLUSHALL; return False if Redis is down."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as wire:
            wire.sendall(b"FLUSHALL\r\n")
            return wire.recv(16).startswith(b"+OK")
    except OSError:
        return False


def kill_randomly(children: list[Child], port: int, size: Size, rng: random.Random) -> Counter[str]:
    """Kill and restart processes at random; return the counts by kind."""
    done: Counter[str] = Counter()
    order = [sort for sort, share in SHARES.items() for _ in range(share * size.kills // 100)]
    order += ["worker"] * (size.kills - len(order)) + ["flush"] * size.flushes
    rng.shuffle(order)
    for sort in order:
        watch(children, rng.uniform(*BETWEEN_KILLS))
        if sort == "flush":
            done["flush"] += flush(port)
            continue
        victim = at_work(children, sort, rng)
        victim.kill()
        done[sort] += 1
        watch(children, rng.uniform(*UNTIL_RESTART))
        victim.start()
    return done


def watch(children: list[Child], seconds: float) -> None:
    """Wait, record when processes begin to work, and restart those that ended themselves."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for child in children:
            child.supervise()
            child.look()
        time.sleep(0.1)


def at_work(children: list[Child], sort: str, rng: random.Random) -> Child:
    """Wait for a process of a kind that has worked for a while; return it."""
    candidates = [child for child in children if child.sort == sort]
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline:
        if ready := [child for child in candidates if child.worked_for() >= WORKS_FOR]:
            return rng.choice(ready)
        watch(children, 0.1)
    raise AssertionError(f"No {sort} came up. The logs are in {candidates[0].log.parent}.")


def test_no_event_is_lost_or_duplicated_whatever_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = WHOLE if is_mysql() else SMALL
    seed = int(os.environ.get("KILL_SEED", random.SystemRandom().randrange(10**6)))
    port = free_port()
    with databases(tmp_path, ("study", "notification")) as named:
        settings = {"study": "study.settings", "notification": "kill.settings"}
        environments = {
            service: environment(service, settings[service], named[service], f"redis://127.0.0.1:{port}/0")
            for service in named
        }
        for settings in environments.values():
            run(settings, "-m", "django", "migrate", "--no-input", "--verbosity", "0")
        run(environments["notification"], "-m", "kill.figures", "prepare")
        children = stack(tmp_path, environments, port)
        publisher: subprocess.Popen[bytes] | None = None
        try:
            for child in children:
                child.start()
            for child in children:
                at_work([child], child.sort, random.Random(seed))
            publisher = subprocess.Popen(
                [PYTHON, "-m", "kill.publishing", str(size.events), str(size.publishing_seconds)],
                env=environments["study"],
                preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has one thread
            )
            killed = kill_randomly(children, port, size, random.Random(seed))
            last_kill = time.monotonic()
            assert publisher.wait(timeout=60) == 0
            still_open = size.events
            while still_open and time.monotonic() < last_kill + DRAINED_WITHIN:
                watch(children, 0.1)
                still_open = figures(environments["study"], "open", "5")["open"]
            drained = time.monotonic() - last_kill
            sent = figures(environments["study"], "sent")
            taken = figures(environments["notification"], "taken")
            watch(children, 0.1)
            ended = [child.last_lines() for child in children if not child.is_alive()]
        finally:
            for child in children:
                child.kill()
            if publisher is not None:
                with suppress(ProcessLookupError):
                    publisher.kill()
                publisher.wait()

    effects = {event_id: taken["effects"].get(event_id, 0) for event_id in sent["ids"]}
    lost = sum(1 for count in effects.values() if count == 0)
    duplicates = sum(1 for count in effects.values() if count > 1)
    kills = sum(count for sort, count in killed.items() if sort != "flush")
    with capsys.disabled():
        print(
            f"\n{'MySQL' if is_mysql() else 'SQLite'}, seed {seed}: {len(effects)} events, {kills} SIGKILLs"
            f" ({killed['worker']} of workers, {killed['relay']} of relays, {killed['redis']} of Redis),"
            f" {killed['flush']} FLUSHALLs\n{lost} lost, {duplicates} duplicated, {still_open} open,"
            f" {taken['dead_letters']} dead letters; drained {drained:.1f} s after the last kill;"
            f" {sent['sends']} sends, {sent['sends'] - len(effects)} of them again;"
            f" {sum(child.restarts for child in children)} processes ended themselves and were restarted\n",
            end="",
        )
    assert len(effects) == size.events
    assert kills == size.kills
    assert (lost, duplicates, still_open, taken["dead_letters"]) == (0, 0, 0, 0)
    assert taken["inbox"] == size.events
    assert drained <= DRAINED_WITHIN
    assert not ended, "\n".join(ended)


def figures(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Run kill.figures and return its JSON."""
    found: dict[str, Any] = json.loads(run(environment, "-m", "kill.figures", *arguments))
    return found
