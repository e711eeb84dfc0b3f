"""What the suites do as a client: API calls, forms of the pages, and the wait until nothing is unfinished."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

SERVICES = ("users", "study", "notification")
FORM_SECONDS = 60
# Prints a new personal access token, which otherwise only a page creates.
MAKE_TOKEN = """
from django.utils import timezone
from users.accounts.models import Account
from users.accounts.rules import ClientInfo
from users.tokens import actions, rules
account = Account.objects.get(email={email!r})
print(actions.create(account_id=account.id, name="e2e", scope=rules.READ_WRITE, days=7, client=ClientInfo(),
                     at=timezone.now()))
"""
# Prints the names of a service's periodic jobs.
JOBS = (
    "import json; from celery import current_app; print(json.dumps(sorted(current_app.conf.beat_schedule)))"
)


class ApiClient:
    """An API client with a personal access token and an access token for each service. Subclasses send."""

    # How long `call` repeats a GET.
    retry_seconds = 0.0

    def __init__(self, token: str) -> None:
        self._token = token
        self._bearers: dict[str, str] = {}

    def send(
        self, service: str, method: str, path: str, text: str | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Send one request; return status and body. Raise OSError or HTTPException without a response."""
        raise NotImplementedError

    def ask(
        self, service: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> tuple[int, bytes]:
        """Send a request with the token for `service`, if there is one; return status and body."""
        headers = {"Accept": "*/*", "Content-Type": "application/json"}
        if service in self._bearers:
            headers["Authorization"] = f"Bearer {self._bearers[service]}"
        return self.send(service, method, path, None if body is None else json.dumps(body), headers)

    def renew(self, service: str) -> tuple[int, bytes]:
        """Exchange the personal access token for one of the service; return status and body."""
        self._bearers.pop("users", None)
        shown = {"token": self._token, "audience": service}
        status, text = self.ask("users", "POST", "/api/v1/users/token", shown)
        if status == 200:
            self._bearers[service] = json.loads(text)["access_token"]
        return status, text

    def call(self, service: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call and return the JSON. Raise AssertionError on failure; a GET is retried for retry_seconds.

        After a fault a process may still wait for a lost database connection.
        """
        deadline = time.monotonic() + (self.retry_seconds if method == "GET" else 0.0)
        while True:
            try:
                assert self.renew(service)[0] == 200, "no token"
                status, text = self.ask(service, method, path, body)
                assert 200 <= status < 300, f"{method} {path}: {status} {text[:300]!r}"
            except (OSError, http.client.HTTPException, AssertionError):
                if time.monotonic() > deadline:
                    raise
            else:
                return json.loads(text) if text else None

    def all(self, service: str, path: str) -> list[dict[str, Any]]:
        """Return all rows of a paginated list."""
        rows, cursor = [], ""
        while True:
            page = self.call(service, "GET", f"{path}?size=100{cursor and '&cursor='}{quote(cursor)}")
            rows += page["results"]
            if not page["next"]:
                return rows
            cursor = page["next"]


def create_cohort(operator: ApiClient, reader: ApiClient, title: str) -> str:
    """Create a cohort of two people; return its id."""
    body = {"title": title, "first_day": "2026-11-23", "weeks": 8}
    cohort: str = operator.call("study", "POST", "/api/v1/study/cohorts", body)["id"]
    week = datetime.now(UTC) + timedelta(days=7)
    for_one = {"role": "member", "part_id": None, "expires_at": week.isoformat(), "max_uses": 1}
    invitation = operator.call("study", "POST", f"/api/v1/study/cohorts/{cohort}/invitations", for_one)
    token = invitation["path"].strip("/").split("/")[-1]
    path = f"/api/v1/study/join/{token}"
    preview = reader.call("study", "GET", path)
    reader.call("study", "POST", path, {"consent_version": preview["consent_version"]})
    return cohort


def count_announcements(inbox: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Return how often each announcement is in an inbox: id → count."""
    return Counter(row["url"].strip("/").split("/")[-1] for row in inbox if "/announcements/" in row["url"])


def submit_form(url: str, **fields: str) -> dict[str, str]:
    """Open the page of a form and submit it, as a browser does; return the cookies."""
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    browser.open(url, timeout=FORM_SECONDS).close()
    (token,) = [cookie.value for cookie in cookies if cookie.name == "csrftoken"]
    form = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
    browser.open(Request(url, form, {"Referer": url}), timeout=FORM_SECONDS).close()
    return {cookie.name: str(cookie.value) for cookie in cookies}


def count_unfinished(count: Callable[[str, str, str], int]) -> dict[str, int]:
    """Return the numbers of unacknowledged events and unsent messages, without zeros.

    `count(service, table, condition)` counts rows in a service's database.
    """
    found = {
        f"events of {service}": count(service, "events_outboxevent", "acknowledged_at IS NULL")
        for service in SERVICES
    }
    found["mails"] = count("notification", "delivery_delivery", "next_attempt_at IS NOT NULL")
    found["chats"] = count("notification", "chat_chatmessage", "next_attempt_at IS NOT NULL")
    found["account mails"] = count("users", "emails_outboundemail", "next_attempt_at IS NOT NULL")
    return {what: number for what, number in found.items() if number}
