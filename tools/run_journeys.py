"""Proofs on the running product: `run_journeys.py browser` in Chromium, `run_journeys.py kill` under kills.

What follows goes to pytest. BASE=http://localhost:8000 takes the demo that runs there instead of one of
this run's own; its accounts are read from var/, or from the folder that DEMO_FOLDER names.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JOURNEYS = ROOT / "services/journeys"
KINDS = ("browser", "kill")


def main(arguments: list[str]) -> None:
    """Become pytest on one kind of journeys."""
    kind, *options = arguments or [""]
    if kind not in KINDS:
        sys.exit(f"Which journeys? {', '.join(KINDS)}.")
    os.chdir(JOURNEYS)
    command = [sys.executable, "-m", "pytest", "-p", "no:django", "-p", "no:cacheprovider", *options, kind]
    # In its place, so that whoever ends this ends that, and what it has started.
    os.execv(sys.executable, command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])
