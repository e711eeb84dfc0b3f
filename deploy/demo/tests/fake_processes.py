"""Run the demo with small test processes: DEMO_FOLDER=… python fake_processes.py SCENARIO."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from demo import foreground
from demo.installation import Installation, Program

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


class FakeInstallation(Installation):
    """An installation with the processes of a scenario."""

    def programs(self) -> dict[str, Program]:
        """Return the programs of the scenario."""
        scenario = {"redis": IDLE, **SCENARIOS[sys.argv[1]]}
        return {name: Program((sys.executable, "-c", code), {}) for name, code in scenario.items()}


if __name__ == "__main__":
    foreground.Installation = FakeInstallation  # type: ignore[attr-defined]
    sys.exit(foreground.run(time.monotonic()))
