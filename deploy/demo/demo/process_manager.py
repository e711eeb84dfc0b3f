"""Run the processes with supervisor as a library.

Supervisor runs each process in its own group, restarts it when it dies (with backoff if it failed early), and
kills it if it does not stop in time. This module adds a start order by readiness, one readable log, shutdown
on SIGHUP, and the end of all processes when this one is killed.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol

from supervisor import events
from supervisor.datatypes import RestartUnconditionally
from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ProcessConfig, ProcessGroupConfig, ServerOptions
from supervisor.states import SupervisorStates
from supervisor.supervisord import Supervisor

from demo.console_log import Log
from demo.folders import ROOT, Folders
from demo.probes import is_ready
from demo.processes import ExitProbe, Process
from demo.start_order import StartOrder

# Interval of the main loop while there is no output.
POLL_SECONDS = 0.2
# After this many seconds a process that is not ready is probed at the slow interval.
SLOW_POLL_AFTER, SLOW_POLL_SECONDS = 15, 3
# A process that dies earlier is restarted with backoff.
MIN_UPTIME_SECONDS = 10
MAX_RETRIES = 8
_PR_SET_PDEATHSIG = 1
_TERMINATION_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP}
_END_EVENTS = (
    events.ProcessStateExitedEvent,
    events.ProcessStateStoppedEvent,
    events.ProcessStateBackoffEvent,
)


class Options(ServerOptions):  # type: ignore[misc]
    """Supervisor's settings and its system calls."""

    def __init__(self) -> None:
        super().__init__()
        wait = self.poller.poll
        self.poller.poll = lambda timeout: wait(min(timeout, POLL_SECONDS))
        self._parent = os.getpid()
        self._libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def fork(self) -> int:
        """Fork with signals blocked: our handlers would swallow a signal that arrives before exec."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _TERMINATION_SIGNALS)
        child = os.fork()
        if child:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _TERMINATION_SIGNALS)
        return child

    def setpgrp(self) -> None:
        """Detach a new child from the terminal, and end it when its parent dies."""
        for number in _TERMINATION_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _TERMINATION_SIGNALS)
        os.setsid()
        if self._libc:
            self._libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != self._parent:  # killed in this very moment
                os._exit(1)


class Listener(Protocol):
    """Receives the progress of the processes."""

    def on_ready(self, name: str) -> None:
        """Handle a process that became ready, possibly again."""

    def on_all_ready(self) -> None:
        """Handle that all processes are ready for the first time."""

    def on_stopping(self) -> None:
        """Handle the start of the shutdown."""


class ProcessManager(Supervisor):  # type: ignore[misc]
    """Runs the processes until it is stopped."""

    def __init__(
        self, processes: Iterable[Process], folders: Folders, *, log: Log, listener: Listener
    ) -> None:
        self._processes = {process.name: process for process in processes}
        self._order = StartOrder(self._processes.values(), max_parallel=max(2, os.cpu_count() or 2))
        self._listener = listener
        self._was_ready = False
        self._probed: dict[str, list[float]] = {}  # times of the first and the last probe
        self._signals_received = 0
        self._log = log
        log.on_closed = self.end
        super().__init__(_options(self._processes.values(), folders))

    def run_until_stopped(self) -> None:
        """Run the main loop; return when every process has ended."""
        try:
            self.main()
        except ExitNow:
            return

    def end(self) -> None:
        """Begin the shutdown; `run_until_stopped` then returns."""
        self.options.mood = SupervisorStates.SHUTDOWN

    def runforever(self) -> None:
        """Subscribe to supervisor's events, then run its loop."""
        events.subscribe(events.ProcessLogEvent, self._on_output)
        events.subscribe(events.ProcessStateEvent, self._on_state_change)
        events.subscribe(events.SupervisorStoppingEvent, lambda _event: self._listener.on_stopping())
        super().runforever()

    def tick(self, now: float | None = None) -> None:
        """Probe starting processes and start the next ones. Called several times a second."""
        super().tick(now)
        if self.stopping or self.options.mood != SupervisorStates.RUNNING:
            return
        for process in self._order.to_probe():
            if self._should_probe(process.name) and is_ready(process):
                self._mark_ready(process.name)
        for process in self._order.next():
            self._supervised(process.name).spawn()
        if self._order.all_ready and not self._was_ready:
            self._was_ready = True
            self._listener.on_all_ready()

    def handle_signal(self) -> None:
        """Shut down on any termination signal, SIGHUP included; kill everything on the second one."""
        number = self.options.get_signal()
        if number not in _TERMINATION_SIGNALS:
            return
        self._signals_received += 1
        self.end()
        if self._signals_received > 1:
            self._log.write_line("demo", "killing what is left")
            for group in self.process_groups.values():
                for supervised in group.processes.values():
                    if supervised.pid:
                        supervised.kill(signal.SIGKILL)

    def _should_probe(self, name: str) -> bool:
        """Return True if it is time to probe: often at first, then at the slow interval."""
        now = time.monotonic()
        probed = self._probed.setdefault(name, [now, 0.0])
        slow = now - probed[0] > SLOW_POLL_AFTER
        if slow and now - probed[1] < SLOW_POLL_SECONDS:
            return False
        probed[1] = now
        return True

    def _supervised(self, name: str) -> Any:
        return next(
            group.processes[name] for group in self.process_groups.values() if name in group.processes
        )

    def _on_output(self, event: Any) -> None:
        name = event.process.config.name
        for line in self._log.write_output(name, event.data):
            if self._order.handle_line(name, line):
                self._listener.on_ready(name)

    def _mark_ready(self, name: str) -> None:
        self._order.mark_ready(name)
        self._listener.on_ready(name)

    def _on_state_change(self, event: Any) -> None:
        name = event.process.config.name
        if isinstance(event, _END_EVENTS):
            self._log.flush(name)
            _end_orphans(event.process.pid)
        job = isinstance(self._processes[name].probe, ExitProbe)
        match event:
            case events.ProcessStateStartingEvent():
                self._probed.pop(name, None)
                self._order.mark_restarted(name)
            case events.ProcessStateBackoffEvent():
                if not self.stopping:
                    self._log.write_line(
                        name, f"WARNING ended early; starting it again in {event.process.backoff} s"
                    )
            case events.ProcessStateExitedEvent() if job and event.expected:
                self._mark_ready(name)
            case events.ProcessStateExitedEvent() if job:
                self._on_failure(name)
            case events.ProcessStateExitedEvent():
                self._log.write_line(name, "WARNING ended by itself; starting it again")
            case events.ProcessStateFatalEvent():
                self._on_failure(name)

    def _on_failure(self, name: str) -> None:
        self._order.mark_failed(name)
        if self.stopping:
            return
        self._log.write_line(
            name, "ERROR did not work out. The lines above say why; var/log has all of them."
        )
        if blocked := self._order.blocked_by(name):
            self._log.write_line(name, f"not started without it: {', '.join(blocked)}")
        self._log.write_line(name, "End with Ctrl-C, mend it and start again.")


def _end_orphans(leader: int) -> None:
    """Kill the remaining processes of a group, which may hold the port that a successor needs."""
    if leader:  # 0 if the process could not be started
        with suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)


def _options(processes: Iterable[Process], folders: Folders) -> Options:
    empty = folders.run / "supervisord.conf"
    empty.write_text("[supervisord]\nminfds=256\nminprocs=50\n", encoding="utf-8")
    options = Options()
    options.first, options.test = True, False
    log, pid = folders.log / "supervisor.log", folders.run / "supervisor.pid"
    options.realize(
        ["-c", str(empty), "-n", "-s", "-k", "-l", str(log), "-y", "1MB", "-z", "1", "-j", str(pid)]
    )
    groups: dict[bool, list[Any]] = {True: [], False: []}
    for process in processes:
        groups[process.stops_last].append(_process_config(options, process, folders))
    # Groups stop by descending priority, one after the other.
    options.process_group_configs = [
        ProcessGroupConfig(options, "foundation", 1, groups[True]),
        ProcessGroupConfig(options, "product", 2, groups[False]),
    ]
    return options


def _process_config(options: Options, process: Process, folders: Folders) -> Any:
    job = isinstance(process.probe, ExitProbe)
    return ProcessConfig(
        options,
        name=process.name,
        command=shlex.join(process.command),
        directory=str(ROOT),
        environment=dict(process.environment),
        priority=1,
        autostart=False,
        autorestart=False if job else RestartUnconditionally,
        startsecs=0 if job else MIN_UPTIME_SECONDS,
        startretries=MAX_RETRIES,
        exitcodes=[0],
        stopsignal=signal.SIGTERM,
        stopwaitsecs=process.stop_timeout,
        stopasgroup=True,
        killasgroup=True,
        redirect_stderr=True,
        stdout_logfile=str(folders.log / f"{process.name}.log"),
        stdout_logfile_maxbytes=5 * 1024 * 1024,
        stdout_logfile_backups=1,
        stdout_capture_maxbytes=0,
        stdout_events_enabled=True,
        stdout_syslog=False,
        stderr_logfile=None,
        stderr_logfile_maxbytes=0,
        stderr_logfile_backups=0,
        stderr_capture_maxbytes=0,
        stderr_events_enabled=False,
        stderr_syslog=False,
        uid=None,
        umask=None,
        serverurl=None,
    )
