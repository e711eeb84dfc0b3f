"""Start, restart and stop processes, with small test processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from demo.running_processes import find_marked

FAKE_PROCESSES = Path(__file__).with_name("fake_processes.py")
MARK = "SEODANG_DEMO_TEST"

# Seconds; generous for a busy machine.
TIMEOUT = 60


class Run:
    """A run of the test processes, identified by an environment variable that all inherit."""

    def __init__(self, folder: Path, scenario: str) -> None:
        self.mark = uuid.uuid4().hex
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, str(FAKE_PROCESSES), str(folder), scenario],
            env={**os.environ, MARK: self.mark},
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_for_line(self, words: str) -> str:
        """Read until a line contains these words; return it."""
        assert self.process.stdout
        while line := self.process.stdout.readline():
            self.lines.append(line)
            if words in line:
                return line
        raise AssertionError(f"never said {words!r}: {''.join(self.lines)}")

    def read_all(self) -> str:
        """Return the whole output after the process has ended."""
        assert self.process.stdout
        self.lines += self.process.stdout.readlines()
        self.process.wait(TIMEOUT)
        return "".join(self.lines)

    def alive(self) -> dict[int, str]:
        """Return the running processes of this run: pid → command line."""
        found = {}
        for process in find_marked(f"{MARK}={self.mark}"):
            # It may end between the two looks.
            with suppress(FileNotFoundError, ProcessLookupError):
                command = Path(f"/proc/{process.pid}/cmdline").read_bytes()
                found[process.pid] = command.replace(b"\0", b" ").decode()
        return found

    def pid(self, name: str) -> int:
        """Return the pid of a process by its name."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            if f"SUPERVISOR_PROCESS_NAME={name}".encode() in Path(f"/proc/{child}/environ").read_bytes():
                return int(child)
        raise AssertionError(f"{name} does not run")

    def assert_children(self, number: int) -> None:
        """Wait for this number of child processes: a new one does not have the variable yet."""
        deadline = time.monotonic() + TIMEOUT
        while (found := sum("sleep 600" in command for command in self.alive().values())) != number:
            assert time.monotonic() < deadline, f"{found} children and not {number}"
            time.sleep(0.05)

    def assert_none_left(self) -> None:
        """Fail if a process is still running."""
        assert self.alive() == {}

    def assert_left(self, number: int) -> None:
        """Wait until only this number of processes is running."""
        deadline = time.monotonic() + TIMEOUT
        while len(self.alive()) > number and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(self.alive()) == number


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Run]]:
    """Return a function that starts a scenario; its processes end with the test."""
    runs: list[Run] = []

    def start_scenario(scenario: str) -> Run:
        runs.append(Run(tmp_path / "var", scenario))
        return runs[-1]

    yield start_scenario
    for run in runs:
        for pid in run.alive():
            os.kill(pid, signal.SIGKILL)
        run.process.wait(TIMEOUT)
        assert run.process.stdout
        run.process.stdout.close()


def test_each_starts_when_those_before_it_are_ready(start: Callable[[str], Run]) -> None:
    run = start("ordinary")
    run.wait_for_line("STARTED")
    ready = [line.split()[1] for line in run.lines if line.startswith("READY")]
    assert ready.index("job") < ready.index("web") < ready.index("worker")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_or_a_hang_up_leaves_no_process(
    start: Callable[[str], Run], number: signal.Signals
) -> None:
    run = start("ordinary")
    run.wait_for_line("STARTED")
    run.assert_children(1)
    assert len(run.alive()) == 5  # three, one's child, and the manager
    run.process.send_signal(number)
    assert "ENDED" in run.read_all()
    assert run.process.returncode == 0
    run.assert_none_left()


def test_an_interrupt_in_the_middle_of_the_start_leaves_no_process(start: Callable[[str], Run]) -> None:
    run = start("ordinary")
    run.wait_for_line("READY base")
    run.process.send_signal(signal.SIGINT)
    assert "ENDED" in run.read_all()
    run.assert_none_left()


def test_when_the_manager_is_killed_the_processes_end_too(start: Callable[[str], Run]) -> None:
    run = start("ordinary")
    run.wait_for_line("READY worker")
    run.process.kill()
    run.process.wait(TIMEOUT)
    deadline = time.monotonic() + TIMEOUT
    while any("sleep 600" not in command for command in run.alive().values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert all("sleep 600" in command for command in run.alive().values())


def test_the_end_comes_when_nobody_reads_any_more(start: Callable[[str], Run]) -> None:
    run = start("ordinary")
    run.wait_for_line("STARTED")
    assert run.process.stdout
    run.process.stdout.close()
    os.kill(run.pid("worker"), signal.SIGKILL)  # something must be said to notice
    run.process.wait(TIMEOUT)
    run.assert_none_left()


def test_a_process_that_dies_is_started_again(start: Callable[[str], Run]) -> None:
    run = start("ordinary")
    run.wait_for_line("STARTED")
    old = run.pid("web")
    os.kill(old, signal.SIGKILL)
    run.wait_for_line("WARNING ended early; starting it again in 1 s")
    run.wait_for_line("READY web")
    assert run.pid("web") != old
    run.assert_children(1)  # the new one's child; the old one's is gone


def test_what_depends_on_a_failed_job_is_not_started_and_the_log_says_so(start: Callable[[str], Run]) -> None:
    run = start("broken-job")
    run.wait_for_line("no table")
    run.wait_for_line("ERROR did not work out")
    assert "web" in run.wait_for_line("not started without it")
    if not any("READY other" in line for line in run.lines):
        run.wait_for_line("READY other")
    run.process.send_signal(signal.SIGINT)
    run.read_all()
    run.assert_none_left()


def test_what_does_not_stop_in_time_is_killed_and_a_second_interrupt_does_not_wait(
    start: Callable[[str], Run],
) -> None:
    run = start("stubborn")
    run.wait_for_line("STARTED")
    run.process.send_signal(signal.SIGINT)
    run.wait_for_line("STOPPING")
    run.assert_left(2)  # the manager, and the one with endless patience
    run.process.send_signal(signal.SIGINT)
    assert "killing what is left" in run.read_all()
    run.assert_none_left()


def test_one_that_keeps_dying_gets_growing_pauses(start: Callable[[str], Run]) -> None:
    run = start("fickle")
    run.wait_for_line("starting it again in 1 s")
    run.wait_for_line("starting it again in 2 s")
    run.process.send_signal(signal.SIGTERM)
    assert "ENDED" in run.read_all()
    run.assert_none_left()
