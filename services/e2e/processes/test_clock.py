"""The demo's data, and a clock that is ahead: exactly those who owe are reminded, by the processes alone."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from browser.demo import free_port, started
from faults.injection import clock_library
from service_processes import Redis, services, supervised

SERVICES = ("study", "notification")
BEFORE_DEADLINE = timedelta(hours=2)
# The missions with the next deadline of which the demo itself has reminded nobody.
NEXT = """
SELECT id, title, due_at FROM missions_mission
WHERE due_at = (SELECT MIN(due_at) FROM missions_mission WHERE due_at > ?)
"""
# The members of a mission's cohort and part who have handed in nothing, and who have no extension.
OWING = """
SELECT member.account_id FROM cohorts_membership member
JOIN missions_mission mission ON mission.id = ? AND mission.cohort_id = member.cohort_id
WHERE member.role = 'member' AND member.left_at IS NULL
AND (mission.part_id IS NULL OR mission.part_id = member.part_id)
AND NOT EXISTS (SELECT 1 FROM submissions_submission work WHERE work.mission_id = mission.id
                AND work.membership_id = member.id
                AND (work.state NOT IN ('closed', 'reverted') OR work.released_at IS NOT NULL))
AND NOT EXISTS (SELECT 1 FROM missions_extension more WHERE more.mission_id = mission.id
                AND more.membership_id = member.id AND more.withdrawn_at IS NULL)
"""
REMINDED = "SELECT account_id, context FROM inbox_notification WHERE kind = 'deadline_reminder'"


def test_a_demo_whose_clock_is_ahead_reminds_those_who_owe(tmp_path: Path, redis: Redis) -> None:
    with started(free_port()) as demo:
        demo.wait_until_ready()
        for name in SERVICES:
            copy(demo.folder / f"data/{name}.sqlite3", tmp_path / f"{name}.sqlite3")
    # Five minutes are five seconds.
    found = services(tmp_path, redis.url, names=SERVICES, SCHEDULE_SCALE="60")
    study, notification = found["study"], found["notification"]
    missions = study.rows(NEXT, f"{datetime.now(UTC) + timedelta(days=2):%F %T}")
    due_at = datetime.fromisoformat(missions[0][2]).replace(tzinfo=UTC)
    owing = {
        (mission, account_id)
        for mission, _title, _due_at in missions
        for (account_id,) in study.rows(OWING, mission)
    }
    assert len(owing) > 5
    before_it = set(notification.rows(REMINDED))

    ahead = due_at - BEFORE_DEADLINE - datetime.now(UTC)
    clock = {"LD_PRELOAD": clock_library(tmp_path), "CLOCK_AHEAD": f"{ahead.total_seconds():.0f}"}
    relay = study.role("relay", "--with-beat", **clock)
    workers = (service.role("worker", **clock) for service in (study, notification))

    def reminded() -> list[tuple[str, str]]:
        rows = [row for row in notification.rows(REMINDED) if row not in before_it]
        return [(json.loads(context)["mission_id"].replace("-", ""), account) for account, context in rows]

    with supervised(relay, *workers) as running:
        running.wait_for("everyone who owes is reminded", lambda: owing <= set(reminded()))
        before = relay.log_text().count("Sending due task send_reminders")
        running.wait_for(
            "the job runs again",
            lambda: relay.log_text().count("Sending due task send_reminders") >= before + 2,
        )
        assert Counter(reminded()) == Counter(owing)


def copy(database: Path, to: Path) -> None:
    """Copy an SQLite database that is in use."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
