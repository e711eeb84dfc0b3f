"""Supervisor, as a library: it starts, restarts and stops; this says what, when, and what is shown.

Supervisor keeps each process in a group of its own, starts again what dies (at once if it had come up,
with growing pauses if it had not), and ends what does not stop in time. What it lacks is added here:
an order of start by readiness, one readable log, an end on hang-up instead of a restart, and the death
of every process when this one is killed.
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

from demo.folders import ROOT, Folders
from demo.lines import Log
from demo.probes import is_ready
from demo.processes import Ends, Process
from demo.starting import Start

# How often it looks up when no process says anything, in seconds.
LOOK = 0.2
# One that is not ready so long after its start is asked only this often, in seconds.
SOON, LATER = 15, 3
# A process that lives this long had come up; one that dies earlier is tried again with growing pauses.
CAME_UP_SECONDS = 10
TRIES = 8
_PR_SET_PDEATHSIG = 1
_TO_END = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP}
_ENDED = (events.ProcessStateExitedEvent, events.ProcessStateStoppedEvent, events.ProcessStateBackoffEvent)


class Options(ServerOptions):  # type: ignore[misc]
    """Supervisor's settings and its door to the system."""

    def __init__(self) -> None:
        super().__init__()
        wait = self.poller.poll
        self.poller.poll = lambda timeout: wait(min(timeout, LOOK))
        self._parent = os.getpid()
        self._libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def fork(self) -> int:
        """Fork with the signals held back: one that came before exec would be lost in our own handlers."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _TO_END)
        child = os.fork()
        if child:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _TO_END)
        return child

    def setpgrp(self) -> None:
        """Called in each new child: out of the terminal's reach, and not to outlive its parent."""
        for number in _TO_END:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _TO_END)
        os.setsid()
        if self._libc:
            self._libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != self._parent:  # killed in this very moment
                os._exit(1)


class Audience(Protocol):
    """Who is told of the course of things."""

    def is_ready(self, name: str) -> None:
        """A process became ready, perhaps again."""

    def is_whole(self) -> None:
        """Everything is ready for the first time."""

    def is_stopping(self) -> None:
        """The end has begun."""


class Conductor(Supervisor):  # type: ignore[misc]
    """Runs the processes until told to end."""

    def __init__(
        self, processes: Iterable[Process], folders: Folders, *, log: Log, audience: Audience
    ) -> None:
        self._processes = {process.name: process for process in processes}
        self._start = Start(self._processes.values(), width=max(2, os.cpu_count() or 2))
        self._audience = audience
        self._was_whole = False
        self._asked: dict[
            str, list[float]
        ] = {}  # when first and when last each was asked whether it is ready
        self._impatience = 0
        self._log = log
        log.gone = self.end
        super().__init__(_options(self._processes.values(), folders))

    def conduct(self) -> None:
        """Return when every process has ended."""
        try:
            self.main()
        except ExitNow:
            return

    def end(self) -> None:
        """Stop everything, then return from `conduct`."""
        self.options.mood = SupervisorStates.SHUTDOWN

    def runforever(self) -> None:
        """Listen to the processes, then do as Supervisor does."""
        events.subscribe(events.ProcessLogEvent, self._heard)
        events.subscribe(events.ProcessStateEvent, self._changed)
        events.subscribe(events.SupervisorStoppingEvent, lambda _event: self._audience.is_stopping())
        super().runforever()

    def tick(self, now: float | None = None) -> None:
        """Called several times a second: see who became ready, and start whose turn it is."""
        super().tick(now)
        if self.stopping or self.options.mood != SupervisorStates.RUNNING:
            return
        for process in self._start.asked():
            if self._is_due(process.name) and is_ready(process):
                self._is_ready(process.name)
        for process in self._start.next():
            self._supervised(process.name).spawn()
        if self._start.is_whole and not self._was_whole:
            self._was_whole = True
            self._audience.is_whole()

    def handle_signal(self) -> None:
        """A hang-up ends everything, as an interrupt does; a second signal ends it without patience."""
        number = self.options.get_signal()
        if number not in _TO_END:
            return
        self._impatience += 1
        self.end()
        if self._impatience > 1:
            self._log.line("demo", "killing what is left")
            for group in self.process_groups.values():
                for supervised in group.processes.values():
                    if supervised.pid:
                        supervised.kill(signal.SIGKILL)

    def _is_due(self, name: str) -> bool:
        """Whether to ask it now: often at first, seldom where it takes long, or each question is an error."""
        now = time.monotonic()
        asked = self._asked.setdefault(name, [now, 0.0])
        seldom = now - asked[0] > SOON
        if seldom and now - asked[1] < LATER:
            return False
        asked[1] = now
        return True

    def _supervised(self, name: str) -> Any:
        return next(
            group.processes[name] for group in self.process_groups.values() if name in group.processes
        )

    def _heard(self, event: Any) -> None:
        name = event.process.config.name
        for line in self._log.output(name, event.data):
            if self._start.said(name, line):
                self._audience.is_ready(name)

    def _is_ready(self, name: str) -> None:
        self._start.is_ready(name)
        self._audience.is_ready(name)

    def _changed(self, event: Any) -> None:
        name = event.process.config.name
        if isinstance(event, _ENDED):
            self._log.ended(name)
            _end_orphans(event.process.pid)
        job = isinstance(self._processes[name].ready, Ends)
        match event:
            case events.ProcessStateStartingEvent():
                self._asked.pop(name, None)
                self._start.restarted(name)
            case events.ProcessStateBackoffEvent():
                if not self.stopping:
                    self._log.line(
                        name, f"WARNING ended early; starting it again in {event.process.backoff} s"
                    )
            case events.ProcessStateExitedEvent() if job and event.expected:
                self._is_ready(name)
            case events.ProcessStateExitedEvent() if job:
                self._gave_up(name)
            case events.ProcessStateExitedEvent():
                self._log.line(name, "WARNING ended by itself; starting it again")
            case events.ProcessStateFatalEvent():
                self._gave_up(name)

    def _gave_up(self, name: str) -> None:
        self._start.failed(name)
        if self.stopping:
            return
        self._log.line(name, "ERROR did not work out. The lines above say why; var/log has all of them.")
        if blocked := self._start.blocked_by(name):
            self._log.line(name, f"not started without it: {', '.join(blocked)}")
        self._log.line(name, "End with Ctrl-C, mend it and start again.")


def _end_orphans(leader: int) -> None:
    """End what a process left in its group: a successor may need the port that they hold."""
    if leader:  # a process that could not even be started has none
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
        groups[process.foundation].append(_configured(options, process, folders))
    # The group of the highest priority stops first, and the next only when it has stopped.
    options.process_group_configs = [
        ProcessGroupConfig(options, "foundation", 1, groups[True]),
        ProcessGroupConfig(options, "product", 2, groups[False]),
    ]
    return options


def _configured(options: Options, process: Process, folders: Folders) -> Any:
    job = isinstance(process.ready, Ends)
    return ProcessConfig(
        options,
        name=process.name,
        command=shlex.join(process.command),
        directory=str(ROOT),
        environment=dict(process.environment),
        priority=1,
        autostart=False,
        autorestart=False if job else RestartUnconditionally,
        startsecs=0 if job else CAME_UP_SECONDS,
        startretries=TRIES,
        exitcodes=[0],
        stopsignal=signal.SIGTERM,
        stopwaitsecs=process.seconds_to_stop,
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
