"""Run programs in parallel and print a table: shared by `make check` and `make check-deploy`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from project import ROOT, environment

BIN = ROOT / ".venv" / "bin"


@dataclass(frozen=True)
class Command:
    """One program of a check. `settings` names the service whose environment it needs."""

    check: str
    words: list[str]
    settings: str | None = None


def script(check: str, name: str, *arguments: str) -> Command:
    """Return a script of tools/."""
    return Command(check, [str(BIN / "python"), f"tools/{name}.py", *arguments])


def program(check: str, name: str, *arguments: str, settings: str | None = None) -> Command:
    """Return a program of .venv."""
    return Command(check, [str(BIN / name), *arguments], settings)


def run(command: Command) -> tuple[Command, int, str, float]:
    """Run a command; return it with its exit code, output and seconds."""
    started = time.monotonic()
    done = subprocess.run(
        command.words,
        cwd=ROOT,
        env=environment(command.settings) if command.settings else dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return command, done.returncode, done.stdout.strip(), time.monotonic() - started


def report(wanted: list[str], commands: Sequence[Command], hints: Mapping[str, str]) -> int:
    """Run the named checks, or all, in parallel; print the output and the hint of each that failed."""
    if unknown := set(wanted) - set(hints):
        sys.exit(f"No check {', '.join(sorted(unknown))}. There are: {', '.join(hints)}.")
    chosen = [command for command in commands if not wanted or command.check in wanted]
    spent = dict.fromkeys((command.check for command in chosen), 0.0)
    bad: dict[str, list[str]] = {}
    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        for job in as_completed([pool.submit(run, command) for command in chosen]):
            command, code, output, seconds = job.result()
            spent[command.check] += seconds
            if code != 0:
                bad.setdefault(command.check, []).append(output)
    for name, outputs in bad.items():
        print(f"\n--- {name}\n" + "\n\n".join(outputs) + f"\n→ {hints[name]}")
    print()
    for name, seconds in spent.items():
        print(f"{'FAIL' if name in bad else 'ok  '} {name:<11} {seconds:5.1f} s")
    print(f"{len(spent) - len(bad)} passed, {len(bad)} failed")
    return 1 if bad else 0
