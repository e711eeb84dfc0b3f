"""The chart's beat: every periodic job runs, and a mail server outage of a minute only delays mail."""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator

import pytest
from docker_engine import until

from cluster import release
from cluster.kube import Kube
from cluster.release import SERVICES
from cluster.scenario import GatewayClient, Scenario

pytestmark = pytest.mark.nightly

# A day is 30 seconds.
SCALE = "2880"
AWAY_SECONDS = 60
LIMIT_SECONDS = 420
ANNOUNCEMENTS = 5
DJANGO = ("/opt/venv/bin/python", "-m", "django", "shell", "--no-imports", "--command")
# The jobs of the service without a successful run.
MISSING = (
    "import json; from celery import current_app; from chassis.jobs.models import JobRecord;"
    " ran = set(JobRecord.objects.filter(succeeded_at__isnull=False).values_list('name', flat=True));"
    " jobs = set(current_app.conf.beat_schedule); assert jobs; print(json.dumps(sorted(jobs - ran)))"
)
SENT = (
    "import urllib.request as u;"
    " print(u.urlopen('http://localhost:8025/_mail/messages.json', timeout=20).read().decode())"
)


@pytest.fixture(scope="module")
def scaled(kube: Kube, scenario: Scenario) -> Iterator[None]:
    """Run hourly and daily jobs every few seconds."""
    release.upgrade(*(f"{service}.env.SCHEDULE_SCALE={SCALE}" for service in SERVICES))
    kube.wait_until_none_terminates(seconds=120)
    try:
        yield
    finally:
        release.upgrade(*(f"{service}.env.SCHEDULE_SCALE=null" for service in SERVICES))


@pytest.mark.usefixtures("scaled")
def test_every_periodic_job_of_every_service_has_run(kube: Kube) -> None:
    for service in SERVICES:
        pod = kube.pods("web", service)[0]
        until(
            lambda: json.loads(kube.run(pod, *DJANGO, MISSING).splitlines()[-1]) == [],  # noqa: B023
            f"every job of {service}",
            seconds=LIMIT_SECONDS,
            every=3,
        )


@pytest.mark.usefixtures("scaled")
def test_a_minute_without_a_mail_server_delays_mail_and_no_more(kube: Kube, scenario: Scenario) -> None:
    titles = [f"Mail {number} {uuid.uuid4().hex[:6]}" for number in range(ANNOUNCEMENTS)]
    with GatewayClient(scenario.reader) as reader:
        reader.call("notification", "PATCH", "/api/v1/notification/preferences", choices(on=True))
        # At any hour.
        never_quiet = {"starts": "00:00", "ends": "00:00"}
        reader.call("notification", "PUT", "/api/v1/notification/quiet-hours", never_quiet)
    kube.scale("seodang-mail-sink", 0)
    kube.wait_until_none_terminates(seconds=120)
    try:
        with GatewayClient(scenario.operator) as operator:
            for title in titles:
                operator.call("study", "POST", scenario.announcements, {"title": title, "body": "…"})
        time.sleep(AWAY_SECONDS)
    finally:
        kube.scale("seodang-mail-sink", 1)
        kube.wait_for_rollout(seconds=120)

    until(lambda: sent(kube, titles) == Counter(titles), "every mail, once", seconds=LIMIT_SECONDS, every=3)
    # The next round of the jobs would send a duplicate.
    time.sleep(AWAY_SECONDS)
    assert sent(kube, titles) == Counter(titles)
    with GatewayClient(scenario.reader) as reader:
        reader.call("notification", "PATCH", "/api/v1/notification/preferences", choices(on=False))


def choices(*, on: bool) -> dict[str, object]:
    """Return the preference that announcements are mailed, or not."""
    return {"choices": [{"kind": "announcement", "channel": "email", "on": on}]}


def sent(kube: Kube, titles: list[str]) -> Counter[str]:
    """Return how often each title is the subject of a mail in the sink."""
    (sink,) = kube.pods("mail-sink")
    messages = json.loads(kube.run(sink, "python", "-c", SENT))["messages"]
    return Counter(title for title in titles for mail in messages if title in mail["subject"])
