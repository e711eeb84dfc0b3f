"""The start order: which processes may start, and which are ready. Pure logic."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from demo.processes import ExitProbe, LogProbe, Process


class Stage(Enum):
    """The state of a process during the start."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


class StartOrder:
    """Starts processes in order, a limited number at a time."""

    def __init__(self, processes: Iterable[Process], *, max_parallel: int) -> None:
        self._processes = {process.name: process for process in processes}
        self._width = max_parallel
        self.stages = dict.fromkeys(self._processes, Stage.WAITING)

    def next(self) -> list[Process]:
        """Return the processes to start now, and mark them as starting."""
        busy = sum(
            stage is Stage.STARTING and not self._processes[name].light for name, stage in self.stages.items()
        )
        chosen = []
        for name, process in self._processes.items():
            if self.stages[name] is not Stage.WAITING or not self.are_ready(process.after):
                continue
            if not process.light:
                if busy >= self._width:
                    continue
                busy += 1
            self.stages[name] = Stage.STARTING
            chosen.append(process)
        return chosen

    def to_probe(self) -> list[Process]:
        """Return the starting processes that have a TCP or HTTP probe."""
        return [
            process
            for name, process in self._processes.items()
            if self.stages[name] is Stage.STARTING and not isinstance(process.probe, ExitProbe | LogProbe)
        ]

    def mark_ready(self, name: str) -> None:
        """Mark a process as ready."""
        self.stages[name] = Stage.READY

    def handle_line(self, name: str, line: str) -> bool:
        """Mark the process as ready if the line matches its log probe; return True if it does."""
        probe = self._processes[name].probe
        if (
            self.stages[name] is not Stage.STARTING
            or not isinstance(probe, LogProbe)
            or probe.text not in line
        ):
            return False
        self.mark_ready(name)
        return True

    def mark_restarted(self, name: str) -> None:
        """Mark a process as starting again."""
        self.stages[name] = Stage.STARTING

    def mark_failed(self, name: str) -> None:
        """Mark a process as failed for good."""
        self.stages[name] = Stage.FAILED

    def are_ready(self, names: Iterable[str]) -> bool:
        """Return True if all of these are ready."""
        return all(self.stages[name] is Stage.READY for name in names)

    @property
    def all_ready(self) -> bool:
        """Return True if every process is ready."""
        return self.are_ready(self.stages)

    def blocked_by(self, failed: str) -> list[str]:
        """Return the processes that cannot start because one failed."""
        blocked = {failed}
        for name, process in self._processes.items():  # dependencies are listed before a process
            if self.stages[name] is Stage.WAITING and not blocked.isdisjoint(process.after):
                blocked.add(name)
        return [name for name in self._processes if name in blocked and name != failed]
