"""What a request may cost beside others in the same run, and the runs that docs/performance.md shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endpoint_figures import MEASURE, table

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "bench/record.json"
PAGE = ROOT / "docs/performance.md"
# By how much a short run may exceed the record: on a busy machine, a ratio of few requests is inexact.
QUICK_FACTOR = 2.0


@dataclass(frozen=True)
class Target:
    """A figure of the product's at most so many times another's: CPU time ("cpu_us") or "database_us"."""

    endpoint: str
    figure: str
    beside: str
    most: float

    def ratio(self, result: Mapping[str, Any]) -> float | None:
        """Return the ratio of the medians, None if the run has no such figure."""
        rows = result["endpoints"][self.endpoint]
        own, other = (rows[name].get(self.figure) for name in ("product", self.beside))
        return own["median"] / other["median"] if own and other else None

    def __str__(self) -> str:
        kind = "CPU of the server" if self.figure == "cpu_us" else "time of the database"
        return f"{self.endpoint}: {kind} / {self.beside}"


TARGETS = (
    Target("list", "cpu_us", "floor", 2.0),
    Target("list", "cpu_us", "fastapi", 0.5),
    Target("list", "database_us", "floor", 1.3),
    Target("detail", "cpu_us", "floor", 4.0),
    Target("healthz", "cpu_us", "floor", 1.3),
)


def recorded() -> dict[str, Any]:
    """Return the recorded runs by database."""
    found: dict[str, Any] = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    return found


def exceeded(result: Mapping[str, Any], *, is_quick: bool) -> Iterator[str]:
    """Yield what exceeds its target: for a short run, twice what is recorded for the database."""
    record = recorded().get(_database(result))
    for target in TARGETS:
        found = target.ratio(result)
        most = target.most
        if is_quick:
            known = target.ratio(record) if record else None
            most = QUICK_FACTOR * (target.most if known is None else known)
        if found is not None and found > most:
            yield f"{target} is {found:.2f}, at most {most:.2f}"


def record(result: Mapping[str, Any]) -> None:
    """Record the run, and write the page of all recorded runs."""
    runs = recorded() | {_database(result): result}
    RECORD.write_text(json.dumps(runs, indent=1) + "\n")
    PAGE.write_text(page(runs))


def _database(result: Mapping[str, Any]) -> str:
    return "MySQL" if "MySQL" in result["database"] else "SQLite"


def page(runs: Mapping[str, Mapping[str, Any]]) -> str:
    """Return docs/performance.md."""
    parts = [_HEAD]
    for name, result in sorted(runs.items()):
        command = "make bench-mysql" if name == "MySQL" else "make bench"
        machine = result["machine"]
        processor = f"{machine['processors']} processors ({machine['model'] or 'of an unknown model'})"
        parts.append(
            f"\n## {result['database']}\n\n"
            f"`{command} A=--record` at {result['commit']}, {result['at'][:10]}; {processor},"
            f" {machine['memory_gib']} GiB, Python {machine['python']}.\n"
            f"{result['members']} members and {result['missions']} missions; {result['rounds']} rounds,"
            f" {result['busy_rounds']} of them begun while others used the machine.\n"
            f"\n| target | at most | measured |\n|---|---|---|\n"
        )
        for target in TARGETS:
            ratio = target.ratio(result)
            if ratio is not None:
                parts.append(f"| {target} | {target.most} | {ratio:.2f} |\n")
        parts.append(f"\n```text\n{table(result)}\n```\n")
    return "".join(parts)


_HEAD = f"""# What a request costs

Written by `make bench A=--record` and `make bench-mysql A=--record`; without `A` they print the same and
fail beyond the targets. The product's web server answers the same requests as its rivals on the same
tables: Django REST framework, django-ninja, FastAPI with SQLAlchemy and Litestar with msgspec as their
users write them, and the floor, a plain Django view with hand-written SQL and orjson. All check the same
token and return the same. Each round sends requests to each, one after another on one connection, and the
CPU time of the server's processes is divided by their number. Medians and, in parentheses, quartiles. The
floor is there twice: by how much the second differs from 1 is the error of the measurement.
{MEASURE}"""
