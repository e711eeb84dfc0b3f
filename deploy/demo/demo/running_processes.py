"""Find the processes of a run and their memory, in /proc."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunningProcess:
    """A running process with the demo's name for it, or its command."""

    pid: int
    name: str


def find_marked(mark: str, folder: Path | None = None) -> list[RunningProcess]:
    """Return the processes with NAME=value in their environment, or the folder in their command line.

    Redis clears its environment, but its command line shows its socket.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            inherited = mark.encode() in (entry / "environ").read_bytes().split(b"\0")
            if inherited or (folder and f"{folder}/run/redis".encode() in (entry / "cmdline").read_bytes()):
                found.append(RunningProcess(int(entry.name), _name(entry)))
    return found


def pss(process: RunningProcess) -> int:
    """Return the proportional set size in KiB; 0 if the process has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _name(entry: Path) -> str:
    with suppress(OSError):
        for variable in (entry / "environ").read_bytes().split(b"\0"):
            if variable.startswith(b"SUPERVISOR_PROCESS_NAME="):
                return variable.partition(b"=")[2].decode()
    with suppress(OSError):
        return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()[:60]
    return "?"
