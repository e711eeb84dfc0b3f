"""`make dev`: every periodic job runs, and a mail server outage of a minute only delays mail."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from api_client import JOBS, SERVICES, count_unfinished, submit_form
from docker_engine import require_docker, until

from compose.installation import Clone, clone, page, wait_until_usable

require_docker()
pytestmark = pytest.mark.nightly

URL = "http://localhost:8610"
# A day is 30 seconds.
SCALE = "SCHEDULE_SCALE=2880\n"
AWAY_SECONDS = 60
LIMIT_SECONDS = 420


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Run `make dev` with sample data, and hourly and daily jobs every few seconds."""
    given = {
        "COMPOSE_PROJECT_NAME": "seodang-jobs",
        "PORT": "8610",
        "MYSQL_PORT": "3610",
        "PUBLIC_URL": URL,
    }
    with clone(tmp_path_factory.mktemp("jobs"), "compose.yaml", **given) as found:
        subprocess.run(["python3", "deploy/operate/compose.py", "prepare"], cwd=found.folder, check=True)
        for service in SERVICES:
            with (found.folder / "services" / service / ".env").open("a", encoding="utf-8") as settings:
                settings.write(SCALE)
        with found.in_the_foreground("dev"):
            wait_until_usable(URL, "the first page", seconds=LIMIT_SECONDS)
            found.make("dev-seed")
            yield found


def test_every_periodic_job_of_every_service_has_run(dev: Clone) -> None:
    for service in SERVICES:
        django = ("exec", "-T", f"{service}-web", "python", "-m", "django", "shell", "--no-imports")
        wanted = set(json.loads(dev.compose(*django, "--command", JOBS).splitlines()[-1]))
        ran = f"SELECT name FROM {service}.jobs_jobrecord WHERE succeeded_at IS NOT NULL"
        assert wanted
        until(
            lambda: set(dev.sql(ran).split()) == wanted,  # noqa: B023 - asked at once
            f"every job of {service} ({', '.join(sorted(wanted))})",
            seconds=LIMIT_SECONDS,
            every=2,
        )


def test_a_minute_without_a_mail_server_delays_mail_and_no_more(dev: Clone) -> None:
    accounts = json.loads((dev.folder / "var/dev/data/accounts.json").read_text(encoding="utf-8"))
    people = sorted(account["email"] for account in accounts)
    until(lambda: not unfinished(dev), "nothing is on its way", seconds=LIMIT_SECONDS, every=2)
    before = sent()

    dev.compose("pause", "mail")
    try:
        for email in people:
            submit_form(f"{URL}/accounts/password/reset/", email=email)
        time.sleep(AWAY_SECONDS)
        assert unfinished(dev)
    finally:
        dev.compose("unpause", "mail")

    until(lambda: not unfinished(dev), "every mail is sent", seconds=LIMIT_SECONDS, every=2)
    until(lambda: sent() - before, "the mails in the sink", seconds=60)
    assert sent() - before == Counter(people)


def unfinished(dev: Clone) -> dict[str, int]:
    """Return the numbers of unacknowledged events and unsent mails."""
    return count_unfinished(
        lambda service, table, condition: int(
            dev.sql(f"SELECT COUNT(*) FROM {service}.{table} WHERE {condition}")
        )
    )


def sent() -> Counter[str]:
    """Return the number of password reset mails by address."""
    messages = json.loads(page(f"{URL}/_mail/messages.json"))["messages"]
    return Counter(to for mail in messages if "비밀번호" in mail["subject"] for to in mail["to"])
