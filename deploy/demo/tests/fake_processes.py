"""Run the demo with small test processes: DEMO_FOLDER=… python fake_processes.py SCENARIO."""

from __future__ import annotations

import os
import shlex
import sys
import time
from configparser import RawConfigParser
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from demo import foreground
from demo.folders import ROOT
from demo.installation import Installation

IDLE = "import time; print('Ready to accept connections. relay_started ready.', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {IDLE}"
PARENT = f"import subprocess; subprocess.Popen(['sleep', '600']); {IDLE}"
TALKER = f"print('word ' * 100_000, flush=True); {IDLE}"

SCENARIOS = {
    "ordinary": {"users-worker": PARENT, "users-relay": IDLE},
    "stubborn": {"users-worker": STUBBORN},
    "fickle": {"users-worker": "print('no luck')", "users-relay": IDLE},
    "talker": {"users-worker": TALKER, "users-relay": IDLE},
}


def write_configuration(scenario: str) -> Path:
    """Write the demo's configuration for supervisord with the programs of a scenario."""
    configuration = RawConfigParser()
    configuration.read(ROOT / "deploy/demo/supervisord.conf")
    for section in configuration.sections():
        if section != "supervisord":
            configuration.remove_section(section)
    for name, code in {"redis": IDLE, **SCENARIOS[scenario]}.items():
        configuration[f"program:{name}"] = {"command": shlex.join((sys.executable, "-c", code))}
    file = Path(os.environ["DEMO_FOLDER"]).with_suffix(".conf")
    with file.open("w") as text:
        configuration.write(text)
    return file


if __name__ == "__main__":
    configuration = write_configuration(sys.argv[1])
    foreground.Installation = partial(Installation, configuration=configuration)  # type: ignore[assignment,attr-defined]
    sys.exit(foreground.run(time.monotonic()))
