"""Run the process manager with small test processes: python fake_processes.py FOLDER SCENARIO."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from demo.console_log import Log
from demo.folders import Folders
from demo.process_manager import ProcessManager
from demo.processes import ExitProbe, LogProbe, Process

IDLE = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {IDLE}"
PARENT = f"import subprocess; subprocess.Popen(['sleep', '600']); {IDLE}"


class PrintingListener:
    """Prints the progress."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def on_ready(self, name: str) -> None:
        self._log.write(f"READY {name}")

    def on_all_ready(self) -> None:
        self._log.write("STARTED")

    def on_stopping(self) -> None:
        self._log.write("STOPPING")


def python(name: str, code: str, **more: object) -> Process:
    return Process(name, (sys.executable, "-c", code), **{"probe": LogProbe("up"), **more})  # type: ignore[arg-type]


SCENARIOS = {
    "ordinary": [
        python("base", IDLE, stops_last=True, light=True),
        python("job", "print('done')", probe=ExitProbe()),
        python("web", PARENT, after=("job",)),
        python("worker", IDLE, after=("web", "base")),
    ],
    "broken-job": [
        python("job", "print('no table'); raise SystemExit(3)", probe=ExitProbe()),
        python("web", IDLE, after=("job",)),
        python("other", IDLE),
    ],
    "stubborn": [python("web", STUBBORN, stop_timeout=1), python("mule", STUBBORN, stop_timeout=600)],
    "fickle": [python("web", "print('no luck', flush=True)"), python("other", IDLE)],
}

if __name__ == "__main__":
    folders = Folders(Path(sys.argv[1]))
    folders.create()
    listed = SCENARIOS[sys.argv[2]]
    log = Log([process.name for process in listed])
    ProcessManager(listed, folders, log=log, listener=PrintingListener(log)).run_until_stopped()
    log.write("ENDED")
