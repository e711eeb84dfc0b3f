"""F1-F5 under faults: what was accepted is kept and told once, and everything goes on without a hand."""

from __future__ import annotations

import time

import pytest

from faults.causes import FAULTS
from faults.club import Club
from faults.figures import Line
from faults.load import Load
from faults.stack import Stack

BEFORE = 4.0
AFTER = 4.0
# From the end of a fault until nothing is owed and every process is well.
CAUGHT_UP_SECONDS = 90.0


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_or_told_twice(running: Stack, club: Club, lines: list[Line], fault: str) -> None:
    cause, seconds = FAULTS[fault]
    running.ill(), running.ended()
    load = Load(club, f"{fault} {time.time():.0f}")
    load.start()
    running.watch(BEFORE)
    began = time.monotonic()
    with cause(running):
        running.watch(seconds)
    over = time.monotonic()
    running.watch(AFTER)
    load.stop()
    stopped = time.monotonic()
    left = CAUGHT_UP_SECONDS - (stopped - over)
    running.wait_until(lambda: not running.owed(), "nothing is owed and every process is well", seconds=left)
    caught_up = time.monotonic() - over

    published = club.published()
    told = club.told()
    copies = running.mail.doubled
    unread = {row["id"] for row in club.inbox() if row["read_at"] is None}
    lost = [title for title in load.titles if title not in published]
    lost += [id_ for id_ in load.read if id_ in unread]
    untold = [title for title, id_ in published.items() if not told[id_]]
    doubled = [id_ for id_, count in told.items() if count > 1]
    ill, ended = running.ill(), running.ended()
    lines.append(
        Line(
            fault, load.accepted, load.refusals.total(), len(lost) + len(untold), len(doubled) + len(copies),
            load.p95(0, began), load.p95(began, over), load.p95(over, stopped), caught_up, ended, ill,
        )
    )  # fmt: skip
    print(f"{fault}: refused {dict(load.refusals)}")
    assert (lost, untold, doubled) == ([], [], [])
    assert copies == []
    assert running.parked() == 0
    assert club.reader.call("users", "GET", "/api/v1/users/me")["name"] in load.possible_names
    assert load.accepted > 0
    if seconds >= 60:
        assert ill, "no process said that it is ill"
    if seconds <= 5:
        assert not ill
