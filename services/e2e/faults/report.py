"""The table of figures at the end of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

NAMES = (
    "",
    "accepted",
    "refused",
    "lost",
    "doubled",
    "p95 ms",
    "during",
    "after",
    "caught up",
    "ended",
    "ill",
)


@dataclass(frozen=True)
class Line:
    """The figures of one fault.

    `caught_up`: seconds from its end until the backlog was empty; `ended`: processes that ended and were
    restarted; `unhealthy`: processes that reported it.
    """

    fault: str
    accepted: int
    refused: int
    lost: int
    duplicates: int
    p95_before: float
    p95_during: float
    p95_after: float
    caught_up: float
    ended: int
    unhealthy: int


def table(lines: Iterable[Line]) -> str:
    """Return the figures as a table."""
    rows = [NAMES, *((line.fault, *(f"{figure:.0f}" for figure in astuple(line)[1:])) for line in lines)]
    form = "{:<24}" + "".join(f"{{:>{len(name) + 3}}}" for name in NAMES[1:])
    return "\n".join(form.format(*row) for row in rows)
