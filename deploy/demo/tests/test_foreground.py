"""Start, restart and stop processes, with small test processes."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from demo.folders import Folders
from demo.foreground import find_processes
from demo.installation import PORTS, Installation
from demo.ports import GatewayAddress
from demo.progress import Progress

FAKE_PROCESSES = Path(__file__).with_name("fake_processes.py")

# Seconds; generous for a busy machine.
TIMEOUT = 60


class Run:
    """A run of the test processes. Output goes to a pipe, or to `terminal` as the controlling one."""

    def __init__(self, folders: Folders, scenario: str, port: int, terminal: int | None = None) -> None:
        def prepare() -> None:
            # As a background job of a shell without job control is started.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if terminal is not None:
                os.login_tty(terminal)

        self.folders = folders
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, str(FAKE_PROCESSES), scenario],
            env={**os.environ, "DEMO_FOLDER": str(folders.var), "PORT": str(port)},
            stdout=subprocess.PIPE if terminal is None else None,
            preexec_fn=prepare,  # noqa: PLW1509
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

    def wait_until_ready(self) -> None:
        """Read until all processes are ready."""
        self.wait_for_line("Ctrl-C stops everything")

    def read_all(self) -> str:
        """Return the whole output after the process has ended."""
        assert self.process.stdout
        self.lines += self.process.stdout.readlines()
        self.process.wait(TIMEOUT)
        return "".join(self.lines)

    def pid(self, name: str) -> int:
        """Wait for a process by its name; return its pid."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            for process in find_processes(self.folders):
                words = " ".join(process.cmdline())
                if name in words or process.environ().get("SUPERVISOR_PROCESS_NAME") == name:
                    return process.pid
            time.sleep(0.05)
        raise AssertionError(f"{name} does not run")

    def assert_none_left(self) -> None:
        """Wait until no process is running."""
        deadline = time.monotonic() + TIMEOUT
        while left := find_processes(self.folders):
            assert time.monotonic() < deadline, left
            time.sleep(0.05)


Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Start]:
    """Return a function that starts a scenario; its processes end with the test."""
    runs: list[Run] = []
    folders = Folders(tmp_path / "var")

    def start_scenario(scenario: str, terminal: int | None = None) -> Run:
        runs.append(Run(folders, scenario, free_port(), terminal))
        return runs[-1]

    yield start_scenario
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait(TIMEOUT)
        if run.process.stdout:
            run.process.stdout.close()
    for process in find_processes(folders):
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_or_a_hang_up_leaves_no_process(start: Start, number: signal.Signals) -> None:
    run = start("ordinary")
    run.wait_until_ready()
    run.process.send_signal(number)
    assert "Stopped. The data stays" in run.read_all()
    assert run.process.returncode == 0
    assert find_processes(run.folders) == []


def test_an_interrupt_in_the_middle_of_the_start_leaves_no_process(start: Start) -> None:
    run = start("ordinary")
    run.wait_for_line("ready after")
    run.process.send_signal(signal.SIGINT)
    assert "Stopped." in run.read_all()
    assert find_processes(run.folders) == []


def test_a_closed_terminal_leaves_no_process(start: Start) -> None:
    terminal, inner = pty.openpty()
    run = start("ordinary", inner)
    os.close(inner)
    output = b""
    while b"Ctrl-C stops everything" not in output:
        output += os.read(terminal, 4096)
    os.close(terminal)
    run.process.wait(TIMEOUT)
    assert find_processes(run.folders) == []


def test_when_nobody_reads_any_more_the_demo_ends(start: Start) -> None:
    run = start("ordinary")
    run.wait_until_ready()
    assert run.process.stdout
    run.process.stdout.close()
    run.process.wait(TIMEOUT)
    assert find_processes(run.folders) == []


def test_a_reader_that_does_not_read_holds_up_no_process(start: Start) -> None:
    run = start("talker")
    run.pid("users-relay")
    run.process.send_signal(signal.SIGINT)
    run.assert_none_left()


def test_when_the_demo_is_killed_the_processes_end_too(start: Start) -> None:
    run = start("ordinary")
    run.wait_until_ready()
    run.process.kill()
    run.assert_none_left()


def test_when_supervisord_is_killed_the_processes_end_too(start: Start) -> None:
    run = start("ordinary")
    run.wait_until_ready()
    os.kill(run.pid("supervisord"), signal.SIGKILL)
    assert "supervisord has ended" in run.read_all()
    assert run.process.returncode == 1
    assert find_processes(run.folders) == []


def test_what_a_killed_run_left_is_ended_by_the_next(start: Start) -> None:
    run = start("ordinary")
    run.wait_until_ready()
    supervisord = psutil.Process(run.pid("supervisord"))
    supervisord.suspend()
    run.process.kill()
    supervisord.kill()
    left = find_processes(run.folders)
    again = start("ordinary")
    again.wait_until_ready()
    assert len(left) >= 3
    assert not any(process.is_running() for process in left)


def test_a_process_that_dies_is_started_again(start: Start) -> None:
    run = start("ordinary")
    run.wait_until_ready()
    old = run.pid("users-relay")
    os.kill(old, signal.SIGKILL)
    assert "log/users-relay.log" in run.wait_for_line("ended (terminated by SIGKILL); starting it again")
    run.wait_for_line("ready again")
    assert run.pid("users-relay") != old


def test_one_that_keeps_dying_is_reported_each_time(start: Start) -> None:
    run = start("fickle")
    for _ in range(2):
        assert "log/users-worker.log" in run.wait_for_line("ended (exit status 0)")
    assert any("no luck" in line for line in run.lines)
    run.process.send_signal(signal.SIGTERM)
    assert "Stopped." in run.read_all()


def test_a_second_interrupt_does_not_wait(start: Start) -> None:
    run = start("stubborn")
    run.wait_until_ready()
    run.process.send_signal(signal.SIGINT)
    run.wait_for_line("a second Ctrl-C does not wait")
    run.process.send_signal(signal.SIGINT)
    assert "killing what is left" in run.read_all()
    assert find_processes(run.folders) == []


def test_one_that_is_given_up_is_reported_with_its_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folders = Folders(tmp_path / "var")
    folders.create()
    gateway = GatewayAddress(1, ("127.0.0.1",), (), "http://localhost:1")
    installation = Installation(folders, gateway, dict.fromkeys(PORTS, 1), folders.run / "redis.sock")
    progress = Progress(installation, ["study-web"], 0)
    (folders.log / "study-web.log").write_text("ValueError: no table\n")
    (folders.log / "supervisord.log").write_text(
        "WARN exited: study-web (exit status 1; not expected)\n"
        "INFO gave up: study-web entered FATAL state, too many start retries too quickly\n"
    )
    progress.update()
    output = capfd.readouterr().out
    assert "ended (exit status 1); starting it again" in output
    assert "ERROR ended too often" in output
    assert str(folders.log / "study-web.log") in output
    assert "ValueError: no table" in output
