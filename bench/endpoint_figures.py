"""The figures of `endpoints.py`: medians, quartiles and ratios, as a table and since an earlier run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from study_database import Work

# A ratio that differs by less is within the spread of repeated runs.
NOISE = 0.05
MEASURE = "The database's time is the CPU time of its statements, by MySQL's performance_schema.\n"


@dataclass
class Figures:
    """What a request of one variant cost in each round: microseconds, rows, statements, milliseconds."""

    cpu_us: list[float] = field(default_factory=list)
    database_us: list[float] = field(default_factory=list)
    rows_examined: list[float] = field(default_factory=list)
    statements: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p95_ms: list[float] = field(default_factory=list)
    bytes: int = 0

    def add(self, cpu_us: float, work: Work | None, times: list[float], size: int) -> None:
        """Add a round: CPU time of a request, the work of the database in the whole round, and times."""
        self.cpu_us.append(cpu_us)
        if work:
            self.database_us.append(work.cpu_us / len(times))
            self.rows_examined.append(work.rows_examined / len(times))
            self.statements.append(work.statements / len(times))
        self.p50_ms.append(median(times))
        self.p95_ms.append(quantiles(times, n=20)[-1])
        self.bytes = size

    @property
    def total_us(self) -> list[float]:
        """Return the CPU time of server and database in each round."""
        if not self.database_us:
            return self.cpu_us
        return [sum(both) for both in zip(self.cpu_us, self.database_us, strict=True)]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return the median and the quartiles."""
    if len(values) < 2:
        return dict.fromkeys(("median", "q1", "q3"), round(values[0], 3))
    first, _, third = quantiles(values, n=4, method="inclusive")
    return {"median": round(median(values), 3), "q1": round(first, 3), "q3": round(third, 3)}


def summary(figures: Mapping[tuple[str, str], Figures], *, floor: str) -> dict[str, Any]:
    """Return the figures by endpoint and variant, with ratios to the floor of the same round."""
    result: dict[str, Any] = {}
    for (endpoint, variant), own in figures.items():
        base = figures[endpoint, floor]
        row: dict[str, Any] = {
            "cpu_us": spread(own.cpu_us),
            "ratio": spread(ratios(own.cpu_us, base.cpu_us)),
            "p50_ms": spread(own.p50_ms),
            "p95_ms": spread(own.p95_ms),
            "bytes": own.bytes,
        }
        if any(base.database_us):
            row |= {
                "database_us": spread(own.database_us),
                "database_ratio": spread(ratios(own.database_us, base.database_us)),
                "total_ratio": spread(ratios(own.total_us, base.total_us)),
            }
        if any(own.statements):
            row |= {
                "rows_examined": spread(own.rows_examined),
                "statements": spread(own.statements),
            }
        result.setdefault(endpoint, {})[variant] = row
    return result


def ratios(values: Sequence[float], base: Sequence[float]) -> list[float]:
    """Return the ratio of each round."""
    return [value / floor for value, floor in zip(values, base, strict=True)]


def print_table(result: Mapping[str, Any]) -> None:
    """Print what was measured."""
    print(
        f"\n{result['database']}, {result['members']} members × {result['missions']} missions"
        f" × {result['cohorts']} cohort(s), {result['rounds']} rounds; per request, medians (quartiles).\n"
        f"{MEASURE if 'MySQL' in result['database'] else ''}"
        f"\n{table(result)}"
    )
    if result["busy_rounds"]:
        print(f"\nOthers used the machine when {result['busy_rounds']} of the rounds began.")


def table(result: Mapping[str, Any]) -> str:
    """Return one line for each endpoint and variant."""
    head = (
        f"{'':<18}{'server CPU µs':>21}{'/ floor':>17}{'database µs':>13}{'/ floor':>9}{'both':>7}"
        f"{'rows read':>11}{'statements':>12}{'p50 ms':>8}{'p95 ms':>8}{'bytes':>8}"
    )
    lines = [head]
    for endpoint, variants in result["endpoints"].items():
        lines += [f"{endpoint:<8} {variant:<9}" + line(row) for variant, row in variants.items()]
    return "\n".join(lines)


def line(row: Mapping[str, Any]) -> str:
    """Return the figures of a line of the table."""

    def middle(name: str, form: str) -> str:
        return format(row[name]["median"], form) if name in row else "-"

    cpu, ratio = row["cpu_us"], row["ratio"]
    return (
        f"{cpu['median']:>8.0f} ({cpu['q1']:.0f}–{cpu['q3']:.0f})".rjust(21)
        + f"{ratio['median']:.2f} ({ratio['q1']:.2f}–{ratio['q3']:.2f})".rjust(17)
        + f"{middle('database_us', '.0f'):>13}{middle('database_ratio', '.2f'):>9}"
        + f"{middle('total_ratio', '.2f'):>7}{middle('rows_examined', '.0f'):>11}"
        + f"{middle('statements', '.1f'):>12}{middle('p50_ms', '.2f'):>8}{middle('p95_ms', '.2f'):>8}"
        + f"{row['bytes']:>8}"
    )


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Print how the ratios to the floor differ from those of an earlier run."""
    print(f"\nRatios since {before['commit']} of {before['at']} ({before['database']}):")
    for name in ("members", "missions", "cohorts", "database", "machine"):
        if before[name] != after[name]:
            print(f"  not comparable, {name}: {before[name]}, now {after[name]}")
    for endpoint, variants in after["endpoints"].items():
        for variant, row in variants.items():
            old = before["endpoints"].get(endpoint, {}).get(variant)
            changes = ", ".join(changed(old, row)) if old else "new"
            print(f"  {endpoint:<8} {variant:<9} {changes or 'as before'}")


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what changed by more than the noise."""
    found = []
    names = {
        "ratio": "CPU",
        "database_ratio": "database",
        "rows_examined": "rows",
        "statements": "statements",
    }
    for name, title in names.items():
        if name in old and name in new:
            first, second = old[name]["median"], new[name]["median"]
            if abs(second - first) > NOISE * first:
                found.append(f"{title} {first:.2f} → {second:.2f} ({second / first - 1:+.0%})")
    if old["bytes"] != new["bytes"]:
        found.append(f"bytes {old['bytes']} → {new['bytes']}")
    return found
