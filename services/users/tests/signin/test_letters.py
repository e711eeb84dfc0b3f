"""Account mail: in the person's language, as text and as HTML, and never lost."""

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
from users.letters import actions, tasks
from users.letters.models import Letter
from users.signin.allauth.mail import WORDS

pytestmark = pytest.mark.django_db


def test_a_letter_speaks_the_language_of_its_reader(person: Any, post: Any) -> None:
    person("ada@club.example", language="ko")
    person("bob@club.example", language="en")
    english = Client(headers={"Accept-Language": "en"})

    for email in ("ada@club.example", "bob@club.example"):
        english.post("/accounts/password/reset/", {"email": email})

    to_ada, to_bob = post()
    assert to_bob.subject == "Choose a new password"
    assert to_ada.subject == "새 비밀번호 정하기"
    assert 'lang="ko"' in to_ada.html
    assert 'lang="en"' in to_bob.html


def test_a_stranger_is_written_to_in_the_language_of_the_page(post: Any) -> None:
    form = {"email": "dana@club.example"}
    Client(headers={"Accept-Language": "en"}).post("/accounts/signup/", form)

    (letter,) = post()

    assert letter.subject == "Confirm your email"
    assert Account.objects.get().language == "en"


def test_a_letter_has_its_link_in_both_forms_and_hides_no_markup(ada: Account, post: Any) -> None:
    Client().post("/accounts/password/reset/", {"email": ada.email})

    (letter,) = post()

    assert letter.path in letter.text
    assert letter.path in letter.html
    assert "<" not in letter.text
    assert "&" not in letter.text


def test_a_letter_leads_to_the_public_address_whatever_host_a_request_claims(
    ada: Account, browser: Any, post: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://club.example:8443"
    here = Client(HTTP_HOST="localhost")
    here.post("/accounts/password/reset/", {"email": ada.email})
    here.post("/accounts/password/reset/", {"email": "nobody@club.example"})
    here.post("/accounts/signup/", {"email": "dana@club.example", "next": "/join/abc/?part=be"})
    here.post("/accounts/signup/", {"email": ada.email})

    letters = post()

    assert len(letters) == 4
    for letter in letters:
        assert "localhost" not in letter.text + letter.html
        assert "https://club.example:8443/accounts/" in letter.text
    assert "?next=" in letters[2].text


def test_a_notice_says_when_and_from_where(ada: Account, browser: Any, post: Any) -> None:
    here = browser(ada)
    here.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "nine quiet otters"},
        HTTP_USER_AGENT="<b>Firefox</b>",
        HTTP_X_FORWARDED_FOR="203.0.113.9",
    )

    (letter,) = post()

    assert "203.0.113.9" in letter.text
    assert "&lt;b&gt;Firefox" in letter.html


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("template", WORDS)
def test_every_letter_can_be_written(template: str, language: str, post: Any) -> None:
    from users.signin.allauth import mail

    particulars = {"new": "n", "url": "http://testserver/x", "ip": "192.0.2.7", "timestamp": NOW}
    if link := WORDS[template].link:
        particulars[link] = "http://testserver/there"

    with translation.override(language):
        mail.write(template, "someone@club.example", particulars)
        expected = str(WORDS[template].subject)

    (letter,) = post()
    assert letter.subject == expected
    assert "%(" not in letter.text
    assert (language == "ko") == any("가" <= sign <= "힣" for sign in letter.subject)


def test_a_letter_lies_sealed_until_it_is_sent_and_then_not_at_all(ada: Account, post: Any) -> None:
    Client().post("/accounts/password/reset/", {"email": ada.email})
    row = Letter.objects.get()
    assert "/accounts/" not in row.text_encrypted + row.html_encrypted

    post()

    assert not Letter.objects.exists()


def a_letter() -> Letter:
    letter_id = actions.write(to="ada@club.example", subject="s", text="t", html="h", at=NOW)
    return Letter.objects.get(id=letter_id)


def test_a_mail_server_that_is_away_is_asked_again_for_a_day() -> None:
    letter, asked, at = a_letter(), [], NOW

    def refused(**_letter: str) -> None:
        asked.append(at)
        raise ConnectionRefusedError("nobody there")

    while waiting := Letter.objects.first():
        at = waiting.due_at
        actions.send(letter_id=letter.id, at=at, post=refused)

    assert len(asked) == actions.TRIES
    assert timedelta(hours=8) < asked[-1] - asked[0] < timedelta(hours=24)
    assert not Letter.objects.exists()


def test_a_letter_that_another_has_in_hand_is_left_to_them() -> None:
    letter, sent = a_letter(), []

    def post_and_be_overtaken(**_letter: str) -> None:
        sent.append(1)
        actions.send(letter_id=letter.id, at=NOW, post=post_and_be_overtaken)

    actions.send(letter_id=letter.id, at=NOW, post=post_and_be_overtaken)

    assert sent == [1]


@pytest.mark.django_db(transaction=True)
def test_without_a_queue_the_sweep_sends_it(ada: Account) -> None:
    from django.core import mail

    assert Client().post("/accounts/password/reset/", {"email": ada.email}).status_code == 302
    assert mail.outbox == []

    tasks.sweep()

    assert [letter.to for letter in mail.outbox] == [["ada@club.example"]]


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    """A mail server of this test's own."""
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
    """Whom it took a letter for, and over how many connections."""

    taken: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken += envelope.rcpt_tos
        self.connections.add(session.peer)
        return "250 taken"


def test_all_that_is_due_goes_over_one_connection(server: Server) -> None:
    people = [f"{n}@club.example" for n in range(12)]
    for to in people:
        actions.write(to=to, subject="s", text="t", html="h", at=datetime(2020, 1, 1, tzinfo=UTC))

    tasks.sweep()

    assert sorted(server.taken) == sorted(people)
    assert len(server.connections) == 1
    assert not Letter.objects.exists()


def test_a_letter_that_cannot_be_read_holds_up_no_other(server: Server) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    broken = actions.write(to="a@club.example", subject="s", text="t", html="h", at=long_ago)
    Letter.objects.update(text_encrypted="of a key that is gone")
    actions.write(to="b@club.example", subject="s", text="t", html="h", at=long_ago + timedelta(days=1))

    tasks.sweep()

    assert server.taken == ["b@club.example"]
    left = Letter.objects.get()
    assert (left.id, left.tries) == (broken, 1)
    assert left.due_at > timezone.now()
