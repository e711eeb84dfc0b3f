"""API clients of two people, through the Gateway, with personal access tokens."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from http.cookies import SimpleCookie
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

from cluster.kube import Kube
from cluster.release import URL

SECONDS = 30
# A token for pages lasts ten minutes.
PAGE_TOKEN_SECONDS = 300
# Creates a personal access token, which otherwise only a page does.
MAKE_TOKEN = """
from django.utils import timezone
from users.accounts.models import Account
from users.accounts.rules import ClientInfo
from users.tokens import actions, rules
account = Account.objects.get(email={email!r})
print(actions.create(account_id=account.id, name="e2e", scope=rules.READ_WRITE, days=7, client=ClientInfo(),
                     at=timezone.now()))
"""


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
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    url = f"{URL}/accounts/login/"
    browser.open(url, timeout=SECONDS).close()
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = {"login": email, "password": password, "csrfmiddlewaretoken": token}
    browser.open(Request(url, urlencode(form).encode(), {"Referer": url}), timeout=SECONDS).close()
    return next(str(cookie.value) for cookie in cookies if cookie.name == "users_session")


class ApiClient:
    """An API client with a persistent connection and a token per service."""

    def __init__(self, person: Person) -> None:
        parts = urlsplit(URL)
        self._person = person
        self._bearers: dict[str, str] = {}
        self._page_token, self._renewed_at = "", float("-inf")
        self._wire = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._wire.close()

    def ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        service: str = "",
        page: bool = False,
    ) -> tuple[int, bytes]:
        """Send a request with the token for `service`, or a cookie for a `page`; return status and body.

        Raise OSError or HTTPException if there is no response. Nothing is retried.
        """
        headers = {"Accept": "*/*", "Content-Type": "application/json"}
        if service:
            headers["Authorization"] = f"Bearer {self._bearers[service]}"
        try:
            if page:
                headers["Cookie"] = self.page_cookie()
            self._wire.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = self._wire.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._wire.close()
            raise

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

    def renew(self, service: str) -> tuple[int, bytes]:
        """Exchange the personal access token for one of the service."""
        shown = {"token": self._person.token, "audience": service}
        status, body = self.ask("POST", "/api/v1/users/token", shown)
        if status == 200:
            self._bearers[service] = json.loads(body)["access_token"]
        return status, body

    def get(self, path: str, service: str) -> Any:
        """GET and return the JSON. Raise AssertionError on failure."""
        return self.call("GET", path, service)

    def call(self, method: str, path: str, service: str, body: dict[str, Any] | None = None) -> Any:
        """Call with any method and return the JSON. Raise AssertionError on failure."""
        assert self.renew(service)[0] == 200
        status, text = self.ask(method, path, body, service=service)
        assert 200 <= status < 300, f"{method} {path}: {status} {text[:300]!r}"
        return json.loads(text) if text else None

    def all(self, path: str, service: str) -> list[dict[str, Any]]:
        """Return all rows of a paginated list."""
        rows, cursor = [], ""
        while True:
            page = self.get(f"{path}?size=100{cursor and '&cursor='}{quote(cursor)}", service)
            rows += page["results"]
            if not page["next"]:
                return rows
            cursor = page["next"]


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
        with ApiClient(self.operator) as operator:
            return {row["title"]: row["id"] for row in operator.all(self.announcements, "study")}

    def inbox_counts(self) -> Counter[str]:
        """Return how often each announcement is in the reader's inbox: id → count."""
        with ApiClient(self.reader) as reader:
            rows = reader.all("/api/v1/notification/inbox", "notification")
        return Counter(
            row["url"].strip("/").split("/")[-1] for row in rows if "/announcements/" in row["url"]
        )

    def wait_until_delivered(self, ids: set[str], *, seconds: float) -> float:
        """Wait until all ids are in the reader's inbox, or the time is over; return the seconds."""
        began = time.monotonic()
        while ids - self.inbox_counts().keys() and time.monotonic() - began < seconds:
            time.sleep(2)
        return time.monotonic() - began


def create_scenario(operator: Person, reader: Person) -> Scenario:
    """Create a cohort of two people, without mail for thousands of announcements."""
    with ApiClient(operator) as operator_api, ApiClient(reader) as reader_api:
        body = {"title": "End-to-end", "first_day": "2026-11-23", "weeks": 8}
        cohort = operator_api.call("POST", "/api/v1/study/cohorts", "study", body)["id"]
        path = f"/api/v1/study/cohorts/{cohort}/invitations"
        week = datetime.now(UTC) + timedelta(days=7)
        for_one = {"role": "member", "part_id": None, "expires_at": week.isoformat(), "max_uses": 1}
        invitation = operator_api.call("POST", path, "study", for_one)
        token = invitation["path"].strip("/").split("/")[-1]
        reader_api.call("POST", f"/api/v1/study/join/{token}", "study", {})
        mute = {"choices": [{"kind": "announcement", "channel": "email", "on": False}]}
        reader_api.call("PATCH", "/api/v1/notification/preferences", "notification", mute)
    return Scenario(operator, reader, cohort)
