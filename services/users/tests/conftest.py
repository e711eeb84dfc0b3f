"""Fixtures: Ada has an account, Olga is an owner, Clara is another account."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from chassis.testing import NOW
from chassis.web import auth
from chassis.web.jwks import keys
from users.accounts.actions.registration import confirm_email, ensure_owner, register
from users.accounts.models import Account
from users.accounts.rules import ClientInfo
from users.emails import actions as emails
from users.emails import tasks
from users.emails.models import OutboundEmail
from users.keys.jwt import access_token, service_token

PASSWORD = "seven brave herons"
CLIENT_INFO = ClientInfo(address="192.0.2.7", agent="tests")
Person = Callable[..., Account]


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    """Clear the cached keys: each test creates its own signing key."""
    keys._keys, keys._fetched_at, keys._tried_at = {}, float("-inf"), float("-inf")
    auth._verified.cache_clear()
    yield
    keys._keys, keys._fetched_at, keys._tried_at = {}, float("-inf"), float("-inf")


@pytest.fixture(autouse=True)
def fast_passwords(settings: Any) -> None:
    """Use a fast password hasher; tests of the real one override it."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "users.signin.rules.Argon2id",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]


@pytest.fixture
def person(db: None) -> Person:
    """person("ada@club.example", name=…) → an account whose address is confirmed."""

    def make(email: str, *, name: str = "", password: str | None = PASSWORD, **fields: Any) -> Account:
        account = Account(email=email, name=name or email.partition("@")[0].title(), **fields)
        account.set_password(password) if password else account.set_unusable_password()
        register(account=account, client=CLIENT_INFO, at=NOW)
        EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
        confirm_email(account_id=account.id, client=CLIENT_INFO, at=NOW)
        account.refresh_from_db()
        return account

    return make


@pytest.fixture
def ada(person: Person) -> Account:
    return person("ada@club.example", name="Ada")


@pytest.fixture
def clara(person: Person) -> Account:
    return person("clara@elsewhere.example", name="Clara")


@pytest.fixture
def olga(db: None) -> Account:
    return ensure_owner(email="olga@club.example", name="Olga", password=PASSWORD, client=CLIENT_INFO, at=NOW)


def sign_in(client: Client, email: str = "ada@club.example", password: str = PASSWORD, **more: Any) -> Any:
    """Sign in by the form, as a browser does."""
    return client.post("/accounts/login/", {"login": email, "password": password}, **more)


@pytest.fixture
def browser() -> Callable[..., Client]:
    """browser(account) → a signed-in client; browser() → an anonymous one."""

    def open_browser(account: Account | None = None, password: str = PASSWORD) -> Client:
        client = Client()
        if account is not None:
            assert sign_in(client, account.email or "", password).status_code == 302
        return client

    return open_browser


@pytest.fixture
def api_for() -> Callable[..., Any]:
    """api_for(account, scope=…) → an API client with a real token; api_for("study") → with a service's."""
    from chassis.testing.checked_client import CheckedClient

    def client(
        who: Account | str | None, scope: str = "read write", audience: str = "users"
    ) -> CheckedClient:
        api = CheckedClient()
        if isinstance(who, Account):
            token = access_token(who.claims, audience=[audience], scope=scope, at=timezone.now())
            api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        elif who is not None:
            token = service_token(service=who, audience=audience, at=timezone.now())
            api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return api

    return client


@dataclass(frozen=True)
class ReceivedEmail:
    """An email as received."""

    to: str
    subject: str
    text: str
    html: str

    @property
    def path(self) -> str:
        """Return the path of its link."""
        found = re.search(r"http://testserver(/\S+)", self.text)
        assert found, self.text
        return found[1]


@pytest.fixture
def deliver_emails() -> Callable[[], list[ReceivedEmail]]:
    """deliver_emails() → send every stored email, and return what was sent."""

    def deliver() -> list[ReceivedEmail]:
        mail.outbox.clear()
        for email in OutboundEmail.objects.order_by("created_at"):
            emails.deliver_email(
                email_id=email.id,
                at=timezone.now(),
                send_email=partial(tasks.send_email, mail.get_connection()),
            )
        return [
            ReceivedEmail(
                message.to[0], str(message.subject), str(message.body), str(message.alternatives[0][0])
            )
            for message in mail.outbox
            if isinstance(message, EmailMultiAlternatives)
        ]

    return deliver


@dataclass
class FakeStudy:
    """The study service's internal API: cohorts that need another operator, people invited by mail."""

    cohorts: list[dict[str, str]] = field(default_factory=list)
    # By the hash of the mailed key.
    invited: dict[str, dict[str, str]] = field(default_factory=dict)
    status: int = 200
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""


@pytest.fixture(scope="session")
def study_server() -> Iterator[FakeStudy]:
    study = FakeStudy()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            study.requests.append((self.path, self.headers.get("Authorization", "")))
            answer: Any = {"results": study.cohorts, "next": None}
            status = study.status
            if self.path.startswith("/internal/invited-people/"):
                answer = study.invited.get(self.path.rpartition("/")[2])
                status = 404 if answer is None and status == 200 else status
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    study.url = f"http://127.0.0.1:{server.server_port}"
    yield study
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def study(study_server: FakeStudy, settings: Any) -> FakeStudy:
    """A local fake of study, without cohorts unless a test sets them."""
    settings.STUDY_URL = study_server.url
    study_server.cohorts, study_server.status, study_server.requests = [], 200, []
    study_server.invited = {}
    return study_server


@pytest.fixture
def stranger_id() -> uuid.UUID:
    return uuid.UUID("00000000-0000-4000-8000-00000057a264")
