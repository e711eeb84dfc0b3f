"""A demo of tiny processes in place of the real ones: python stand_ins.py FOLDER SCENARIO."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from demo.conductor import Conductor
from demo.folders import Folders
from demo.lines import Log
from demo.processes import Ends, Process, Says

IDLE = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {IDLE}"
PARENT = f"import subprocess; subprocess.Popen(['sleep', '600']); {IDLE}"


class Aloud:
    """Says what it is told."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def is_ready(self, name: str) -> None:
        self._log.say(f"READY {name}")

    def is_whole(self) -> None:
        self._log.say("WHOLE")

    def is_stopping(self) -> None:
        self._log.say("STOPPING")


def python(name: str, code: str, **more: object) -> Process:
    return Process(name, (sys.executable, "-c", code), **{"ready": Says("up"), **more})  # type: ignore[arg-type]


SCENARIOS = {
    "ordinary": [
        python("base", IDLE, foundation=True, light=True),
        python("job", "print('done')", ready=Ends()),
        python("web", PARENT, after=("job",)),
        python("worker", IDLE, after=("web", "base")),
    ],
    "broken-job": [
        python("job", "print('no table'); raise SystemExit(3)", ready=Ends()),
        python("web", IDLE, after=("job",)),
        python("other", IDLE),
    ],
    "stubborn": [python("web", STUBBORN, seconds_to_stop=1), python("mule", STUBBORN, seconds_to_stop=600)],
    "fickle": [python("web", "print('no luck', flush=True)"), python("other", IDLE)],
}

if __name__ == "__main__":
    folders = Folders(Path(sys.argv[1]))
    folders.make()
    listed = SCENARIOS[sys.argv[2]]
    log = Log([process.name for process in listed])
    Conductor(listed, folders, log=log, audience=Aloud(log)).conduct()
    log.say("ENDED")
