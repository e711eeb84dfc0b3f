"""The order of the start: who may start now, and who is ready. Knows no process and no clock."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from demo.processes import ExitProbe, LogProbe, Process


class Stage(Enum):
    """How far a process has come."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


class StartOrder:
    """Starts processes in their order, only so many at a time: ten Pythons at once would all be late."""

    def __init__(self, processes: Iterable[Process], *, max_parallel: int) -> None:
        self._processes = {process.name: process for process in processes}
        self._width = max_parallel
        self.stages = dict.fromkeys(self._processes, Stage.WAITING)

    def next(self) -> list[Process]:
        """Those to be started now; they count as starting from here on."""
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
        """Those that are starting and must be asked whether they are ready."""
        return [
            process
            for name, process in self._processes.items()
            if self.stages[name] is Stage.STARTING and not isinstance(process.probe, ExitProbe | LogProbe)
        ]

    def mark_ready(self, name: str) -> None:
        """It is ready."""
        self.stages[name] = Stage.READY

    def handle_line(self, name: str, line: str) -> bool:
        """Whether that line was the sign that the process is ready."""
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
        """It died and was started again."""
        self.stages[name] = Stage.STARTING

    def mark_failed(self, name: str) -> None:
        """It will not be started any more."""
        self.stages[name] = Stage.FAILED

    def are_ready(self, names: Iterable[str]) -> bool:
        """Whether all of these are ready."""
        return all(self.stages[name] is Stage.READY for name in names)

    @property
    def all_ready(self) -> bool:
        """Whether everything is ready."""
        return self.are_ready(self.stages)

    def blocked_by(self, failed: str) -> list[str]:
        """Who will wait for ever because that one failed."""
        blocked = {failed}
        for name, process in self._processes.items():  # those before a process are listed before it
            if self.stages[name] is Stage.WAITING and not blocked.isdisjoint(process.after):
                blocked.add(name)
        return [name for name in self._processes if name in blocked and name != failed]
