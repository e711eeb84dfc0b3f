"""Accounts: Ada is a member, Boris her mentor, Olga the operator; Clara is in no cohort of theirs.

Ada and Olga read Korean in Seoul, Boris English in New York. Emails go to a real SMTP server.
"""

from __future__ import annotations

import email
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller

from chassis import settings_base, smtp
from chassis.account_mirror import actions as account_mirror
from chassis.testing import NOW
from chassis.testing.https_stand_in import StandIn, serve, write_certificate
from notification.celery import app
from notification.delivery import actions, queries
from notification.delivery import smtp as delivery_smtp
from notification.mirrors import actions as mirrors

ADA = UUID("00000000-0000-4000-8000-00000000ada0")
BORIS = UUID("00000000-0000-4000-8000-0000000b0415")
OLGA = UUID("00000000-0000-4000-8000-00000000016a")
CLARA = UUID("00000000-0000-4000-8000-0000000c1a4a")
STRANGER = UUID("00000000-0000-4000-8000-00000057a264")
COHORT = UUID("00000000-0000-4000-8000-00000000c016")

ReceiveExample = Callable[..., list[str]]


@pytest.fixture
def mirror_rows(db: None) -> None:
    """Mirror rows of the accounts and the cohort."""
    for account_id, name, language, zone in [
        (ADA, "Ada", "ko", "Asia/Seoul"),
        (BORIS, "Boris", "en", "America/New_York"),
        (OLGA, "Olga", "ko", "Asia/Seoul"),
        (CLARA, "Clara", "en", "Europe/Berlin"),
    ]:
        account_mirror.upsert_account(
            account_id=account_id, name=name, language=language, time_zone=zone, version=1
        )
        mirrors.upsert_contact(account_id=account_id, email=f"{name.lower()}@example.org", version=1)
    mirrors.upsert_cohort(cohort_id=COHORT, title="16기", version=1)


def example(name: str) -> dict[str, Any]:
    """Return the example of that event from the contracts."""
    document = json.loads((settings_base.CONTRACTS / "events" / f"{name}.json").read_text(encoding="utf-8"))
    payload: dict[str, Any] = document["examples"][0]
    return payload


@pytest.fixture
def receive_example(deliver_event: Callable[..., list[str]]) -> ReceiveExample:
    """receive_example("study.review_released.v1", …): deliver the contracts' example with changes."""

    def receive(name: str, /, *, event_id: UUID | None = None, **changes: Any) -> list[str]:
        return deliver_event(name, {**example(name), **changes}, event_id)

    return receive


@dataclass
class Mailbox:
    """A mail server: accepted emails, and the errors to return (address or "DATA" → response)."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    envelopes: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.envelopes.append(envelope.mail_from)
        self.connections.add(session.peer)
        mail = email.message_from_bytes(envelope.content, policy=modern)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """Return the emails to that address."""
        return [mail for mail in self.mails if mail["To"] == address]


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """Return the plain text, or the "html", of an email."""
    part = mail.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """Start a mail server and point the settings at it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Mailbox()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield server
    controller.stop()


@pytest.fixture(autouse=True)
def no_quiet_hours(settings: Any) -> None:
    """Send at any hour: it is 04:00 in New York."""
    settings.QUIET_HOURS = None


@pytest.fixture(autouse=True)
def reset_cooldown() -> None:
    """Reset the cooldown after a failed connection, which is process-wide."""
    smtp._CircuitBreaker.open_until = float("-inf")


@pytest.fixture
def deliver() -> Callable[..., None]:
    """deliver(at=…): send everything that is due then, as the worker does."""

    def send_due(at: datetime = NOW) -> None:
        with delivery_smtp.channel() as send:
            for due in queries.due(at, limit=100):
                actions.deliver(delivery=due, at=at, senders={"email": send})

    return send_due


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1."""
    return write_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def stand_in(certificate: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """An HTTPS server that outgoing requests may reach."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with serve(certificate) as server:
        settings.OUTGOING_ALLOWED_HOSTS = [server.host]
        yield server


@pytest.fixture
def run_tasks(django_capture_on_commit_callbacks: Any) -> Iterator[Callable[..., Any]]:
    """run_tasks(function): call it, then run the tasks that it enqueued after commit."""

    def run(function: Callable[[], Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return function()

    app.conf.task_always_eager = True
    yield run
    app.conf.task_always_eager = False
