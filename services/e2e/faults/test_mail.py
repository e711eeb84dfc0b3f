"""Mail of a large announcement: events are not delayed, every mail arrives once, even after an outage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from faults.scenario import Scenario
from faults.smtp import MailServer
from faults.stack import Stack

RECIPIENTS = 800
# Slow enough that mails are still pending when the event arrives.
SLOW = 10.0
AWAY_SECONDS = 60.0
EVENT_SECONDS = 120.0
ALL_SECONDS = 420.0

MEMBERS = """
from uuid import UUID
from django.utils import timezone
from study.cohorts.models import Cohort, Membership, Role
cohort = Cohort.objects.get(id="{cohort}")
Membership.objects.bulk_create(
    Membership(cohort=cohort, account_id=UUID(int={first} + n), role=Role.MEMBER, joined_at=timezone.now())
    for n in range({count})
)
"""
ADDRESSES = """
from uuid import UUID
from chassis.account_mirror.models import AccountMirror
from notification.mirrors.models import ContactMirror
AccountMirror.objects.bulk_create(
    AccountMirror(account_id=UUID(int={first} + n), name=f"Member {{n}}", version=1) for n in range({count})
)
ContactMirror.objects.bulk_create(
    ContactMirror(account_id=UUID(int={first} + n), email=f"{name}-{{n}}@example.org", version=1)
    for n in range({count})
)
"""


def fill(scenario: Scenario, count: int) -> tuple[str, list[str]]:
    """Create a cohort with many members; return its id and their addresses."""
    cohort, name = scenario.open_cohort("Large"), uuid4().hex[:8]
    words = {"cohort": cohort, "first": uuid4().int >> 16, "count": count, "name": name}
    for service, program in (("study", MEMBERS), ("notification", ADDRESSES)):
        scenario.stack.manage(service, "shell", "--no-imports", "--command", program.format(**words))
    return cohort, [f"{name}-{n}@example.org" for n in range(count)]


def announce(scenario: Scenario, cohort: str = "") -> str:
    """Publish an announcement; return its id."""
    body = {"title": f"Now {datetime.now(UTC):%H:%M:%S.%f}", "body": "…"}
    published: str = scenario.operator.call("study", "POST", scenario.announcements(cohort), body)["id"]
    return published


@pytest.fixture
def mail(running: Stack) -> Iterator[MailServer]:
    """Return the mail server; reset it afterwards."""
    yield running.mail
    running.mail.rate = None
    if not running.mail.is_running:
        running.mail.start()


def test_an_event_goes_before_the_mails_of_an_announcement(
    running: Stack, scenario: Scenario, mail: MailServer
) -> None:
    cohort, addresses = fill(scenario, RECIPIENTS)
    mail.rate = SLOW
    announce(scenario, cohort)
    running.wait_until(lambda: mail.to(*addresses) >= 20, "the first mails came", seconds=EVENT_SECONDS)

    urgent = announce(scenario)
    took = running.wait_until(
        lambda: scenario.inbox_counts()[urgent], "the event is in the inbox", seconds=EVENT_SECONDS
    )
    sent = mail.to(*addresses)

    print(f"\nin the inbox after {took:.1f} s, when {sent} of {RECIPIENTS} mails had been sent")
    assert sent < RECIPIENTS
    mail.rate = None
    running.wait_until(lambda: not running.backlog(), "every mail is out", seconds=ALL_SECONDS)
    assert mail.to(*addresses) == RECIPIENTS
    assert mail.duplicates == []


def test_every_mail_arrives_once_after_a_minute_without_a_mail_server(
    running: Stack, scenario: Scenario, mail: MailServer
) -> None:
    cohort, addresses = fill(scenario, RECIPIENTS)
    mail.rate = 100.0
    announce(scenario, cohort)
    running.wait_until(lambda: mail.to(*addresses) >= 20, "the first mails came", seconds=EVENT_SECONDS)

    mail.stop()
    running.watch(AWAY_SECONDS)
    before = mail.to(*addresses)
    mail.start()

    took = running.wait_until(lambda: not running.backlog(), "every mail is out", seconds=ALL_SECONDS)
    print(f"\n{before} of {RECIPIENTS} mails before the outage, all {took:.0f} s after it")
    assert before < RECIPIENTS
    assert mail.to(*addresses) == RECIPIENTS
    assert mail.duplicates == []
