"""Push messages and messages to chats arrive, whatever happens to the push service or to the worker."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from faults.scenario import Scenario
from faults.stack import Stack
from faults.test_mail import announce, fill

BROWSERS = 120
KILLS = 4
AWAY_SECONDS = 20.0
FIRST_SECONDS = 120.0
# A claim of a worker that was killed lasts a minute, and the next attempt is a minute after the first.
ALL_SECONDS = 300.0
SUBSCRIBE = """
from django.utils import timezone
from notification.mirrors.models import ContactMirror
from notification.push.actions import subscribe
for n, contact in enumerate(ContactMirror.objects.filter(email__startswith="{name}-").order_by("email")):
    subscribe(account_id=contact.account_id, endpoint=f"{url}/{{n}}", p256dh="{p256dh}", auth="{auth}",
              at=timezone.now())
"""
# The generator of the curve, as a browser gives its public key, and 16 bytes.
P256DH = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
AUTH = "MDEyMzQ1Njc4OWFiY2RlZg"


@dataclass
class Channels:
    """A cohort whose members have a browser each, and a chat."""

    running: Stack
    cohort: str
    path: str

    @property
    def received(self) -> Counter[str]:
        """How often each browser and the chat got a message, by path."""
        paths = [request.path for request in list(self.running.push_service.requests)]
        return Counter(path for path in paths if path.startswith(self.path))

    def wait_until_some_arrived(self) -> None:
        """Wait for the first messages."""
        self.running.wait_until(
            lambda: len(self.received) >= BROWSERS // 10, "the first arrived", seconds=FIRST_SECONDS
        )

    def wait_until_all_arrived(self) -> None:
        """Wait until nothing is left to send."""
        self.running.wait_until(lambda: not self.running.backlog(), "everything is sent", seconds=ALL_SECONDS)
        assert len(self.received) == BROWSERS + 1


@pytest.fixture
def channels(running: Stack, scenario: Scenario) -> Iterator[Channels]:
    """Return a cohort with browsers and a chat, at a push service that is slow."""
    cohort, addresses = fill(scenario, BROWSERS)
    name = addresses[0].split("-")[0]
    url = f"https://127.0.0.1:{running.push_proxy.port}/{name}"
    program = SUBSCRIBE.format(name=name, url=f"{url}/push", p256dh=P256DH, auth=AUTH)
    running.manage("notification", "shell", "--no-imports", "--command", program)
    webhooks = f"/api/v1/notification/cohorts/{cohort}/chat-webhooks"
    # Repeated until notification knows the cohort.
    scenario.operator.call("notification", "GET", webhooks)
    scenario.operator.call("notification", "POST", webhooks, {"name": "Chat", "url": f"{url}/chat"})
    running.push_proxy.delay = 0.02
    yield Channels(running, cohort, f"/{name}/")
    running.push_proxy.delay = 0.0
    running.push_proxy.heal()


def test_every_message_arrives_after_the_push_service_was_silent(
    running: Stack, scenario: Scenario, channels: Channels
) -> None:
    announce(scenario, channels.cohort)
    channels.wait_until_some_arrived()
    running.push_proxy.black_hole()
    before = len(channels.received)
    running.watch(AWAY_SECONDS)
    assert len(channels.received) == before < BROWSERS
    running.push_proxy.heal()

    channels.wait_until_all_arrived()
    again = channels.received.total() - BROWSERS - 1
    print(f"\n{before} of {BROWSERS + 1} messages before the silence, {again} sent twice")
    # One to a browser and one to the chat can have lost their answers.
    assert again <= 2


def test_every_message_arrives_although_the_worker_is_killed(
    running: Stack, scenario: Scenario, channels: Channels
) -> None:
    (worker,) = [process for process in running.of("worker") if process.service == "notification"]
    announce(scenario, channels.cohort)
    channels.wait_until_some_arrived()
    for _ in range(KILLS):
        before = len(channels.received)
        assert before < BROWSERS, "everything was sent before the kill"
        worker.signal(signal.SIGKILL)
        running.wait_until(
            lambda: len(channels.received) > before,  # noqa: B023
            "the next worker sends",
            seconds=FIRST_SECONDS,
        )

    channels.wait_until_all_arrived()
    again = channels.received.total() - BROWSERS - 1
    print(f"\n{KILLS} kills, {again} of {BROWSERS + 1} messages sent twice")
    # Each kill can lose the record of the one message that was being sent.
    assert again <= KILLS
