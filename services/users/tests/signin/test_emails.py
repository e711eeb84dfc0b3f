"""Account email: in the recipient's language, as text and HTML, retried until sent."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from django.utils import timezone, translation

from chassis.testing import NOW
from tests.conftest import PASSWORD
from users.accounts.models import Account
from users.emails import actions, tasks
from users.emails.models import OutboundEmail
from users.signin.allauth.emails import EMAIL_TEMPLATES

pytestmark = pytest.mark.django_db


def test_an_email_speaks_the_language_of_its_reader(person: Any, deliver_emails: Any) -> None:
    person("ada@club.example", language="ko")
    person("bob@club.example", language="en")
    english = Client(headers={"Accept-Language": "en"})

    for email in ("ada@club.example", "bob@club.example"):
        english.post("/accounts/password/reset/", {"email": email})

    to_ada, to_bob = deliver_emails()
    assert to_bob.subject == "Choose a new password"
    assert to_ada.subject == "새 비밀번호 정하기"
    assert 'lang="ko"' in to_ada.html
    assert 'lang="en"' in to_bob.html


def test_a_stranger_is_written_to_in_the_language_of_the_page(deliver_emails: Any) -> None:
    form = {"email": "dana@club.example"}
    Client(headers={"Accept-Language": "en"}).post("/accounts/signup/", form)

    (email,) = deliver_emails()

    assert email.subject == "Confirm your email"
    assert Account.objects.get().language == "en"


def test_an_email_has_its_link_in_both_forms_and_hides_no_markup(ada: Account, deliver_emails: Any) -> None:
    Client().post("/accounts/password/reset/", {"email": ada.email})

    (email,) = deliver_emails()

    assert email.path in email.text
    assert email.path in email.html
    assert "<" not in email.text
    assert "&" not in email.text


def test_an_email_leads_to_the_public_address_whatever_host_a_request_claims(
    ada: Account, browser: Any, deliver_emails: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://club.example:8443"
    here = Client(HTTP_HOST="localhost")
    here.post("/accounts/password/reset/", {"email": ada.email})
    here.post("/accounts/password/reset/", {"email": "nobody@club.example"})
    here.post("/accounts/signup/", {"email": "dana@club.example", "next": "/join/abc/?part=be"})
    here.post("/accounts/signup/", {"email": ada.email})

    emails = deliver_emails()

    assert len(emails) == 4
    for email in emails:
        assert "localhost" not in email.text + email.html
        assert "https://club.example:8443/accounts/" in email.text
    assert "?next=" in emails[2].text


def test_a_notice_says_when_and_from_where(ada: Account, browser: Any, deliver_emails: Any) -> None:
    here = browser(ada)
    here.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "nine quiet otters"},
        HTTP_USER_AGENT="<b>Firefox</b>",
        HTTP_X_FORWARDED_FOR="203.0.113.9",
    )

    (email,) = deliver_emails()

    assert "203.0.113.9" in email.text
    assert "&lt;b&gt;Firefox" in email.html


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("template", EMAIL_TEMPLATES)
def test_every_email_can_be_written(template: str, language: str, deliver_emails: Any) -> None:
    from users.signin.allauth import emails

    particulars = {"new": "n", "url": "http://testserver/x", "ip": "192.0.2.7", "timestamp": NOW}
    if link := EMAIL_TEMPLATES[template].link:
        particulars[link] = "http://testserver/there"

    with translation.override(language):
        emails.enqueue_email(template, "someone@club.example", particulars)
        expected = str(EMAIL_TEMPLATES[template].subject)

    (email,) = deliver_emails()
    assert email.subject == expected
    assert "%(" not in email.text
    assert (language == "ko") == any("가" <= character <= "힣" for character in email.subject)


def test_an_email_is_stored_encrypted_and_deleted_once_sent(ada: Account, deliver_emails: Any) -> None:
    Client().post("/accounts/password/reset/", {"email": ada.email})
    row = OutboundEmail.objects.get()
    assert "/accounts/" not in row.text_encrypted + row.html_encrypted

    deliver_emails()

    assert not OutboundEmail.objects.exists()


def an_email() -> OutboundEmail:
    email_id = actions.create_email(to="ada@club.example", subject="s", text="t", html="h", at=NOW)
    return OutboundEmail.objects.get(id=email_id)


def test_a_mail_server_that_is_away_is_asked_again_for_a_day() -> None:
    email, attempts, at = an_email(), [], NOW

    def refused(**_email: str) -> None:
        attempts.append(at)
        raise ConnectionRefusedError("nobody there")

    while waiting := OutboundEmail.objects.first():
        at = waiting.next_attempt_at
        actions.deliver_email(email_id=email.id, at=at, send_email=refused)

    assert len(attempts) == actions.MAX_ATTEMPTS
    assert timedelta(hours=8) < attempts[-1] - attempts[0] < timedelta(hours=24)
    assert not OutboundEmail.objects.exists()


def test_an_email_claimed_by_another_worker_is_not_sent() -> None:
    email, sent = an_email(), []

    def send_while_leased(**_email: str) -> None:
        sent.append(1)
        actions.deliver_email(email_id=email.id, at=NOW, send_email=send_while_leased)

    actions.deliver_email(email_id=email.id, at=NOW, send_email=send_while_leased)

    assert sent == [1]


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_periodic_task_sends_it(ada: Account) -> None:
    from django.core import mail

    assert Client().post("/accounts/password/reset/", {"email": ada.email}).status_code == 302
    assert mail.outbox == []

    tasks.send_due_emails()

    assert [email.to for email in mail.outbox] == [["ada@club.example"]]


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    """Run a mail server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = Server()
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "chassis.smtp.EmailBackend", port
    settings.EMAIL_HOST = "127.0.0.1"
    yield found
    controller.stop()


@dataclass
class Server:
    """A mail server's recipients and connections."""

    taken: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken += envelope.rcpt_tos
        self.connections.add(session.peer)
        return "250 taken"


def test_due_emails_are_sent_over_one_connection(server: Server) -> None:
    people = [f"{n}@club.example" for n in range(12)]
    for to in people:
        actions.create_email(to=to, subject="s", text="t", html="h", at=datetime(2020, 1, 1, tzinfo=UTC))

    tasks.send_due_emails()

    assert sorted(server.taken) == sorted(people)
    assert len(server.connections) == 1
    assert not OutboundEmail.objects.exists()


def test_an_email_that_cannot_be_read_holds_up_no_other(server: Server) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    broken = actions.create_email(to="a@club.example", subject="s", text="t", html="h", at=long_ago)
    OutboundEmail.objects.update(text_encrypted="of a key that is gone")
    actions.create_email(
        to="b@club.example", subject="s", text="t", html="h", at=long_ago + timedelta(days=1)
    )

    tasks.send_due_emails()

    assert server.taken == ["b@club.example"]
    left = OutboundEmail.objects.get()
    assert (left.id, left.attempts) == (broken, 1)
    assert left.next_attempt_at > timezone.now()
