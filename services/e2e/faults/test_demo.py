"""`make demo`: every periodic job runs; a mail server outage loses and duplicates nothing."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest
from api_client import JOBS, MAKE_TOKEN, SERVICES, count_unfinished, submit_form
from browser.demo import Demo, free_port, running, started
from docker_engine import until
from kill.processes import PYTHON

from faults.scenario import ProcessClient

pytestmark = pytest.mark.nightly

# A day is 30 seconds.
SCALE = "2880"
AWAY_SECONDS = 60.0
LIMIT_SECONDS = 420.0
PLANNED = """
SELECT d.id FROM delivery_delivery d JOIN inbox_notification n ON n.id = d.notification_id WHERE n.key = ?
"""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """Run the demo with hourly and daily jobs every few seconds."""
    os.environ["SCHEDULE_SCALE"] = SCALE
    try:
        with running() as started:
            yield started
    finally:
        del os.environ["SCHEDULE_SCALE"]


def process(demo: Demo, name: str) -> psutil.Process:
    """Return the demo's process of a name."""
    for found in psutil.process_iter():
        try:
            environment = found.environ()
        except psutil.Error:
            continue
        ours = str(demo.folder) in " ".join([*environment.values(), *found.cmdline()])
        if ours and environment.get("SUPERVISOR_PROCESS_NAME") == name:
            return found
    raise AssertionError(f"{name} does not run")


def shell(demo: Demo, service: str, program: str) -> str:
    """Run a program in a service's environment; return its last line."""
    done = subprocess.run(
        [PYTHON, "-m", "django", "shell", "--no-imports", "--command", program],
        env=process(demo, f"{service}-web").environ() | {"METRICS_PORT": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.splitlines()[-1]


def rows(demo: Demo, service: str, statement: str, *values: str) -> list[tuple[object, ...]]:
    """Query a service's database."""
    path = demo.folder / "data" / f"{service}.sqlite3"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        return database.execute(statement, values).fetchall()


def test_two_demos_on_neighbouring_ports_start_at_once() -> None:
    port = free_port()
    with started(port) as first, started(port + 1) as second:
        for demo in (first, second):
            demo.wait_until_ready()
            messages(demo)
            urllib.request.urlopen(f"{demo.url}/accounts/login/", timeout=30).close()


def test_every_periodic_job_of_every_service_has_run(demo: Demo) -> None:
    for service in SERVICES:
        wanted = set(json.loads(shell(demo, service, JOBS)))
        ran = "SELECT name FROM jobs_jobrecord WHERE succeeded_at IS NOT NULL"
        assert wanted
        until(
            lambda: {name for (name,) in rows(demo, service, ran)} == wanted,  # noqa: B023 - asked at once
            f"every job of {service} ({', '.join(wanted)})",
            seconds=LIMIT_SECONDS,
            every=1,
        )
        assert rows(demo, service, "SELECT name, error FROM jobs_jobrecord WHERE error <> ''") == []


def test_a_minute_without_a_mail_server_delays_mail_and_no_more(demo: Demo) -> None:
    until(lambda: not unfinished(demo), "nothing is on its way", seconds=LIMIT_SECONDS)
    operator, member = demo.address_of("operator"), demo.address_of("member")
    port = urllib.parse.urlsplit(demo.url).port or 0
    program = ProcessClient(
        dict.fromkeys(SERVICES, port), shell(demo, "users", MAKE_TOKEN.format(email=operator))
    )
    cohorts = program.call("study", "GET", "/api/v1/study/cohorts")["results"]
    cohort = next(cohort["id"] for cohort in cohorts if cohort["closed_at"] is None)
    path = f"/api/v1/study/cohorts/{cohort}/announcements"
    title = f"Once {time.time():.0f}"
    sink = process(demo, "mail")

    sink.send_signal(signal.SIGSTOP)
    try:
        key = f"announcement:{program.call('study', 'POST', path, {'title': title, 'body': '…'})['id']}"
        submit_form(f"{demo.url}/accounts/password/reset/", email=member)
        until(lambda: rows(demo, "notification", PLANNED, key), "mail is due", seconds=LIMIT_SECONDS)
        time.sleep(AWAY_SECONDS)
        planned = len(rows(demo, "notification", PLANNED, key))
    finally:
        sink.send_signal(signal.SIGCONT)

    until(lambda: not unfinished(demo), "every mail is sent", seconds=LIMIT_SECONDS)
    sent = Counter(str(mail["to"]) for mail in messages(demo) if title in mail["subject"])
    assert (len(sent), set(sent.values())) == (planned, {1})
    assert sum("비밀번호" in mail["subject"] for mail in demo.mails(member)) == 1


def unfinished(demo: Demo) -> dict[str, int]:
    """Return the numbers of unacknowledged events and unsent mails."""
    return count_unfinished(
        lambda service, table, condition: len(
            rows(demo, service, f"SELECT id FROM {table} WHERE {condition}")
        )
    )


def messages(demo: Demo) -> list[dict[str, str]]:
    """Return all mails in the sink."""
    with urllib.request.urlopen(f"{demo.url}/_mail/messages.json", timeout=30) as answer:
        found: list[dict[str, str]] = json.load(answer)["messages"]
    return found
