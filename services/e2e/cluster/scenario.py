"""API clients of two people, through the Gateway, with personal access tokens."""

from __future__ import annotations

import http.client
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Self
from urllib.parse import urlsplit

from api_client import MAKE_TOKEN, ApiClient, count_announcements, create_cohort, submit_form

from cluster.kube import Kube
from cluster.release import URL

SECONDS = 30
# A token for pages lasts ten minutes.
PAGE_TOKEN_SECONDS = 300


@dataclass(frozen=True)
class Person:
    """An account with its personal access token and its session cookie."""

    email: str
    token: str
    session: str


def make_person(kube: Kube, name: str, password: str) -> Person:
    """Create an owner of the installation with the management command."""
    email = f"{name}-{uuid.uuid4().hex[:6]}@example.org"
    pod = kube.pods("web", "users")[0]
    django = ("/opt/venv/bin/python", "-m", "django")
    words = ("create_owner", "--email", email, "--name", name, "--password-stdin")
    kube.run(pod, *django, *words, stdin=password + "\n")
    said = kube.run(pod, *django, "shell", "--no-imports", "--command", MAKE_TOKEN.format(email=email))
    return Person(email, said.split()[-1], sign_in(email, password))


def sign_in(email: str, password: str) -> str:
    """Sign in by the form; return the session cookie."""
    return submit_form(f"{URL}/accounts/login/", login=email, password=password)["users_session"]


class GatewayClient(ApiClient):
    """An API client with one persistent connection to the Gateway, which can also open pages."""

    def __init__(self, person: Person) -> None:
        super().__init__(person.token)
        parts = urlsplit(URL)
        self._person = person
        self._page_token, self._renewed_at = "", float("-inf")
        self._wire = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._wire.close()

    def send(
        self, service: str, method: str, path: str, text: str | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Send a request; the gateway routes it by its path."""
        try:
            self._wire.request(method, path, text, headers)
            answer = self._wire.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._wire.close()
            raise

    def open_page(self, path: str) -> tuple[int, bytes]:
        """Open a page as the person; return status and body."""
        try:
            cookie = self.page_cookie()
        except (OSError, http.client.HTTPException):
            self._wire.close()
            raise
        return self.send("", "GET", path, None, {"Accept": "*/*", "Cookie": cookie})

    def page_cookie(self) -> str:
        """Return the Cookie header for a page; renew its token by the session."""
        if time.monotonic() > self._renewed_at + PAGE_TOKEN_SECONDS:
            session = {"Cookie": f"users_session={self._person.session}"}
            self._wire.request("GET", "/accounts/renew?next=/accounts/login/", headers=session)
            answer = self._wire.getresponse()
            answer.read()
            given = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie") or []))
            self._page_token, self._renewed_at = given["seodang"].value, time.monotonic()
        return f"seodang={self._page_token}"


@dataclass(frozen=True)
class Scenario:
    """A cohort with an operator who publishes announcements and a reader who receives them."""

    operator: Person
    reader: Person
    cohort: str

    @property
    def announcements(self) -> str:
        """Return the path of the announcements."""
        return f"/api/v1/study/cohorts/{self.cohort}/announcements"

    def published(self) -> dict[str, str]:
        """Return the published announcements: title → id."""
        with GatewayClient(self.operator) as operator:
            return {row["title"]: row["id"] for row in operator.all("study", self.announcements)}

    def inbox_counts(self) -> Counter[str]:
        """Return how often each announcement is in the reader's inbox: id → count."""
        with GatewayClient(self.reader) as reader:
            return count_announcements(reader.all("notification", "/api/v1/notification/inbox"))

    def wait_until_delivered(self, ids: set[str], *, seconds: float) -> float:
        """Wait until all ids are in the reader's inbox, or the time is over; return the seconds."""
        began = time.monotonic()
        while ids - self.inbox_counts().keys() and time.monotonic() - began < seconds:
            time.sleep(2)
        return time.monotonic() - began


def create_scenario(operator: Person, reader: Person) -> Scenario:
    """Create a cohort of two people, without mail for thousands of announcements."""
    with GatewayClient(operator) as operator_api, GatewayClient(reader) as reader_api:
        cohort = create_cohort(operator_api, reader_api, "End-to-end")
        mute = {"choices": [{"kind": "announcement", "channel": "email", "on": False}]}
        reader_api.call("notification", "PATCH", "/api/v1/notification/preferences", mute)
    return Scenario(operator, reader, cohort)
