"""Everyone in a sheet is invited once by mail, though the worker and the relay are killed in the middle."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from faults.smtp import MailServer
from service_processes import services

from processes.club import running_club

PEOPLE = 500
TITLES = "타임스탬프,이름,이메일 주소,희망 파트,깃허브 아이디"
ROWS = (
    f"2026. 3. 2 오후 3:04:05,멤버 {n},person-{n}@example.org,백엔드,person-{n}" for n in range(1, PEOPLE + 1)
)


def test_a_kill_in_the_middle_of_an_import_loses_and_repeats_nothing(tmp_path: Path) -> None:
    sheet = {"text": "\r\n".join([TITLES, *ROWS])}
    mails = MailServer()
    mails.start()
    try:
        with running_club(tmp_path) as club:
            imports = f"cohorts/{club.ids['cohort']}/people-imports"
            notification = services(
                tmp_path,
                club.study.environment["BROKER_URL"],
                names=("notification",),
                SMTP_URL=f"smtp://127.0.0.1:{mails.port}",
            )["notification"]
            relay = club.study.role("relay")
            club.running.processes += [relay, notification.role("worker")]
            club.running.wait_for("the relay runs", relay.is_alive)
            started = club.api("POST", imports, sheet)

            def progress() -> Any:
                return club.api("GET", f"{imports}/{started['id']}")

            club.running.wait_for("some are invited", lambda: progress()["invited"] > 20)
            club.worker.kill()
            relay.kill()
            assert 0 < progress()["waiting"] < PEOPLE

            club.running.wait_for("all are invited", lambda: not progress()["waiting"])
            assert progress()["invited"] == PEOPLE
            club.running.wait_for("all mails are sent", lambda: len(mails.recipient) >= PEOPLE)
            assert club.running.restarts == {"study-worker": 1, "study-relay": 1}

            again = club.api("POST", imports, {**sheet, "dry_run": True})
            assert Counter(person["state"] for person in again["people"]) == {"already_invited": PEOPLE}
    finally:
        mails.stop()
    assert sorted(mails.recipient.values()) == sorted(f"person-{n}@example.org" for n in range(1, PEOPLE + 1))
    assert mails.duplicates == []
