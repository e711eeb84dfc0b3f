"""F1-F5 under faults: accepted writes are kept, delivered once, and processes recover by themselves."""

from __future__ import annotations

import time

import pytest

from faults.injection import FAULTS
from faults.load import WriteLoad
from faults.report import Line
from faults.scenario import Scenario
from faults.stack import Stack

BEFORE = 4.0
AFTER = 4.0
# From the end of a fault until the backlog is empty and every process is healthy.
CAUGHT_UP_SECONDS = 90.0


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_or_delivered_twice(
    running: Stack, scenario: Scenario, lines: list[Line], fault: str
) -> None:
    cause, seconds = FAULTS[fault]
    running.unhealthy(), running.ended()
    load = WriteLoad(scenario, f"{fault} {time.time():.0f}")
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
    running.wait_until(
        lambda: not running.outstanding(), "the backlog is empty and every process is healthy", seconds=left
    )
    caught_up = time.monotonic() - over

    published = scenario.published()
    inbox = scenario.inbox_counts()
    copies = running.mail.duplicates
    unread = {row["id"] for row in scenario.inbox() if row["read_at"] is None}
    lost = [title for title in load.titles if title not in published]
    lost += [id_ for id_ in load.read if id_ in unread]
    undelivered = [title for title, id_ in published.items() if not inbox[id_]]
    duplicates = [id_ for id_, count in inbox.items() if count > 1]
    unhealthy, ended = running.unhealthy(), running.ended()
    lines.append(
        Line(
            fault, load.accepted, load.rejections.total(), len(lost) + len(undelivered),
            len(duplicates) + len(copies),
            load.p95(0, began), load.p95(began, over), load.p95(over, stopped), caught_up, ended, unhealthy,
        )
    )  # fmt: skip
    print(f"{fault}: refused {dict(load.rejections)}")
    assert (lost, undelivered, duplicates) == ([], [], [])
    assert copies == []
    assert running.dead_letters() == 0
    assert scenario.reader.call("users", "GET", "/api/v1/users/me")["name"] in load.possible_names
    assert load.accepted > 0
    if seconds >= 60:
        assert unhealthy, "no process reported that it is unhealthy"
    if seconds <= 5:
        assert not unhealthy
