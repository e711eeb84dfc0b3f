"""People of the club, as their programs see it: through the Gateway, with a personal access token."""

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
# What a person's token is made with: pages alone make one otherwise.
MAKE_TOKEN = """
from django.utils import timezone
from users.accounts.models import Account
from users.accounts.rules import Seen
from users.tokens import actions, rules
account = Account.objects.get(email={email!r})
print(actions.create(account_id=account.id, name="e2e", scope=rules.READ_WRITE, days=7, seen=Seen(),
                     at=timezone.now()))
"""


@dataclass(frozen=True)
class Person:
    """An account, what its programs show, and the cookie of its browser's session."""

    email: str
    token: str
    session: str


def make_person(kube: Kube, name: str, password: str) -> Person:
    """An owner of the installation, made as its operator makes one."""
    email = f"{name}-{uuid.uuid4().hex[:6]}@example.org"
    pod = kube.pods("web", "users")[0]
    django = ("/opt/venv/bin/python", "-m", "django")
    words = ("create_owner", "--email", email, "--name", name, "--password-stdin")
    kube.run(pod, *django, *words, stdin=password + "\n")
    said = kube.run(pod, *django, "shell", "--no-imports", "--command", MAKE_TOKEN.format(email=email))
    return Person(email, said.split()[-1], sign_in(email, password))


def sign_in(email: str, password: str) -> str:
    """Sign in by the form, as a browser does; the session's cookie."""
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    url = f"{URL}/accounts/login/"
    browser.open(url, timeout=SECONDS).close()
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = {"login": email, "password": password, "csrfmiddlewaretoken": token}
    browser.open(Request(url, urlencode(form).encode(), {"Referer": url}), timeout=SECONDS).close()
    return next(str(cookie.value) for cookie in cookies if cookie.name == "users_session")


class ApiClient:
    """Keeps one connection open as long as it can, and a token for each service."""

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
        """Status and body of the answer, with the token for `service`, or a browser's cookie for a `page`.

        OSError or HTTPException where there is none: nothing is tried twice.
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
        """The Cookie header with which a browser asks for a page; its token is renewed by the session."""
        if time.monotonic() > self._renewed_at + PAGE_TOKEN_SECONDS:
            session = {"Cookie": f"users_session={self._person.session}"}
            self._wire.request("GET", "/accounts/renew?next=/accounts/login/", headers=session)
            answer = self._wire.getresponse()
            answer.read()
            given = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie") or []))
            self._page_token, self._renewed_at = given["seodang"].value, time.monotonic()
        return f"seodang={self._page_token}"

    def renew(self, service: str) -> tuple[int, bytes]:
        """Exchange the person's token for one that the service takes."""
        shown = {"token": self._person.token, "audience": service}
        status, body = self.ask("POST", "/api/v1/users/token", shown)
        if status == 200:
            self._bearers[service] = json.loads(body)["access_token"]
        return status, body

    def get(self, path: str, service: str) -> Any:
        """The answer's JSON. AssertionError unless it is one."""
        return self.call("GET", path, service)

    def call(self, method: str, path: str, service: str, body: dict[str, Any] | None = None) -> Any:
        """The same, of any method."""
        assert self.renew(service)[0] == 200
        status, text = self.ask(method, path, body, service=service)
        assert 200 <= status < 300, f"{method} {path}: {status} {text[:300]!r}"
        return json.loads(text) if text else None

    def all(self, path: str, service: str) -> list[dict[str, Any]]:
        """Every row of a list, page by page."""
        rows, cursor = [], ""
        while True:
            page = self.get(f"{path}?size=100{cursor and '&cursor='}{quote(cursor)}", service)
            rows += page["results"]
            if not page["next"]:
                return rows
            cursor = page["next"]


@dataclass(frozen=True)
class Scenario:
    """A cohort with an operator who announces and a reader who is told."""

    operator: Person
    reader: Person
    cohort: str

    @property
    def announcements(self) -> str:
        """Where they are published and listed."""
        return f"/api/v1/study/cohorts/{self.cohort}/announcements"

    def published(self) -> dict[str, str]:
        """Title → id of everything that study has."""
        with ApiClient(self.operator) as operator:
            return {row["title"]: row["id"] for row in operator.all(self.announcements, "study")}

    def inbox_counts(self) -> Counter[str]:
        """Id → how often it stands in the reader's inbox."""
        with ApiClient(self.reader) as reader:
            rows = reader.all("/api/v1/notification/inbox", "notification")
        return Counter(
            row["url"].strip("/").split("/")[-1] for row in rows if "/announcements/" in row["url"]
        )

    def wait_until_delivered(self, ids: set[str], *, seconds: float) -> float:
        """Wait until the reader was told of all of these, or the time is over; the seconds that took."""
        began = time.monotonic()
        while ids - self.inbox_counts().keys() and time.monotonic() - began < seconds:
            time.sleep(2)
        return time.monotonic() - began


def create_scenario(operator: Person, reader: Person) -> Scenario:
    """A cohort of two. Mail is muted: these are thousands of announcements."""
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
