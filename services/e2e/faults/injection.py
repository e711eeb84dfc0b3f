"""The faults, as context managers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from docker_engine import docker

from faults.stack import Stack

Fault = Callable[[Stack], AbstractContextManager[None]]
# A file of this size in bytes at most fills the database's volume; a larger volume is not filled.
MAX_FILL = 4 << 30
DATA = "/var/lib/mysql"
FILL = f"{DATA}/fill"


@contextmanager
def paused(role: str, stack: Stack) -> Iterator[None]:
    """Stop the three services' processes of a role with SIGSTOP."""
    for process in stack.of(role):
        process.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stack.of(role):
            process.signal(signal.SIGCONT)


@contextmanager
def redis_paused(stack: Stack) -> Iterator[None]:
    """Stop Redis with SIGSTOP."""
    assert stack.redis_process
    stack.redis_process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        stack.redis_process.send_signal(signal.SIGCONT)


@contextmanager
def mysql_paused(stack: Stack) -> Iterator[None]:
    """Pause the database's container."""
    container = mysql_container()
    docker("pause", container)
    try:
        yield
    finally:
        docker("unpause", container)


@contextmanager
def redis_black_holed(stack: Stack) -> Iterator[None]:
    """Drop packets to and from Redis; open connections stay silent for ever."""
    stack.redis_proxy.black_hole()
    try:
        yield
    finally:
        stack.redis_proxy.heal()


@contextmanager
def mysql_black_holed(stack: Stack) -> Iterator[None]:
    """Drop packets to and from the database."""
    stack.mysql_proxy.black_hole()
    try:
        yield
    finally:
        stack.mysql_proxy.heal()


@contextmanager
def mysql_slow(stack: Stack) -> Iterator[None]:
    """Delay round trips to the database by 200 ms."""
    stack.mysql_proxy.delay = 0.1
    try:
        yield
    finally:
        stack.mysql_proxy.delay = 0.0


@contextmanager
def redis_emptied(stack: Stack) -> Iterator[None]:
    """Run FLUSHALL."""
    stack.redis.flushall()
    yield


@contextmanager
def disk_full(stack: Stack) -> Iterator[None]:
    """Fill the database's volume. MySQL may die; its restart policy restarts it."""
    container = mysql_container()
    kind, free = beside(container, "df", "-B1", "--output=fstype,avail", DATA).split()[-2:]
    restarts = docker("inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", container).strip()
    assert (kind, int(free) <= MAX_FILL, restarts) == ("tmpfs", True, "always"), (
        f"{DATA} of {container} is {kind} with {int(free) >> 20} MiB free; its restart policy is {restarts}."
        " This test fills the volume up, so it must be a tmpfs of its own: start MySQL as .ci/run does."
    )
    beside(container, "fallocate", "-l", free, FILL, check=False)
    beside(container, "sh", "-c", f"cat /dev/zero >> {FILL}", check=False)
    try:
        yield
    finally:
        beside(container, "rm", "-f", FILL)


def beside(container: str, *words: str, check: bool = True) -> str:
    """Run a command in a new container with the volumes of another; return its output."""
    image = docker("inspect", "-f", "{{.Config.Image}}", container).strip()
    run = ("run", "--rm", "--volumes-from", container, "--user", "0", "--entrypoint", words[0])
    return docker(*run, image, *words[1:], check=check)


@contextmanager
def clock_ahead(stack: Stack) -> Iterator[None]:
    """Restart study's processes with a clock five minutes ahead, and afterwards without."""
    processes = [process for process in stack.processes if process.service == "study"]
    more = {"LD_PRELOAD": clock_library(stack.folder), "CLOCK_AHEAD": "300"}
    for process in processes:
        process.stop()
        process.environment |= more
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.stop()
            for name in more:
                del process.environment[name]
            process.start()


def mysql_container() -> str:
    """Return the container of the database. Raise AssertionError if there is none."""
    port = os.environ.get("DATABASE_PORT", "3306")
    found = docker("ps", "--filter", f"publish={port}", "--format", "{{.Names}}").split()
    assert len(found) == 1, (
        f"The database at port {port} of this machine runs in no container ({found}), so it cannot be paused."
        " Start MySQL as .ci/run does and name it by DATABASE_HOST and DATABASE_PORT."
    )
    return found[0]


def clock_library(folder: Path) -> str:
    """Build the library that shifts a process' clock. Raise AssertionError without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "No C compiler, and the clock is shifted by a library in C: apt-get install gcc"
    source, built = Path(__file__).with_name("clock.c"), folder / "clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(built), str(source), "-ldl"], check=True)
    return str(built)


PAUSES: dict[str, Fault] = {
    "redis": redis_paused,
    "mysql": mysql_paused,
    "workers": partial(paused, "worker"),
    "relays": partial(paused, "relay"),
    "webs": partial(paused, "web"),
}
# Name → fault and its duration in seconds.
FAULTS: dict[str, tuple[Fault, float]] = {
    **{
        f"{what}-paused-{seconds:.0f}s": (cause, seconds)
        for seconds in (5.0, 20.0)
        for what, cause in PAUSES.items()
    },
    "redis-paused-60s": (redis_paused, 60.0),
    "workers-paused-60s": (partial(paused, "worker"), 60.0),
    "redis-black-holed-20s": (redis_black_holed, 20.0),
    "mysql-black-holed-20s": (mysql_black_holed, 20.0),
    "mysql-at-200ms-20s": (mysql_slow, 20.0),
    "redis-emptied": (redis_emptied, 1.0),
    "disk-full-30s": (disk_full, 30.0),
    "study-5min-ahead-20s": (clock_ahead, 20.0),
}
