"""Proofs on the running product: `run_journeys.py browser` in Chromium, `run_journeys.py kill` under kills.

What follows goes to pytest. BASE=http://localhost:8000 takes the demo that runs there instead of one of
this run's own; its accounts are read from var/, or from the folder that DEMO_FOLDER names.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JOURNEYS = ROOT / "services/journeys"
KINDS = ("browser", "kill")


def main(arguments: list[str]) -> int:
    """Run one kind. Returns pytest's exit code."""
    kind, *options = arguments or [""]
    if kind not in KINDS:
        sys.exit(f"Which journeys? {', '.join(KINDS)}.")
    command = [sys.executable, "-m", "pytest", "-p", "no:django", "-p", "no:cacheprovider", *options, kind]
    return subprocess.run(command, cwd=JOURNEYS, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
