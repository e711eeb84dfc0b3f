"""The table of figures that a run prints at its end."""

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
    """What came of one fault.

    `caught_up` is how many seconds after its end nothing was owed; `ended` how many processes ended by
    themselves and were started again; `ill` how many said that they are ill.
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
    """All of them, under their names."""
    rows = [NAMES, *((line.fault, *(f"{figure:.0f}" for figure in astuple(line)[1:])) for line in lines)]
    form = "{:<24}" + "".join(f"{{:>{len(name) + 3}}}" for name in NAMES[1:])
    return "\n".join(form.format(*row) for row in rows)
