"""API clients of two people of a cohort, with personal access tokens."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from faults.stack import Stack

SECONDS = 15
AGAIN_SECONDS = 120.0


class ApiClient:
    """An API client with a token per service."""

    def __init__(self, ports: Mapping[str, int], token: str) -> None:
        self._ports, self._token = ports, token
        self._bearers: dict[str, str] = {}

    def ask(
        self, service: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> tuple[int, bytes]:
        """Send a request; return status and body. Raise OSError or HTTPException without a response."""
        headers = {"Content-Type": "application/json"}
        if service in self._bearers:
            headers["Authorization"] = f"Bearer {self._bearers[service]}"
        text = json.dumps(body) if body is not None else None
        with closing(http.client.HTTPConnection("127.0.0.1", self._ports[service], timeout=SECONDS)) as wire:
            wire.request(method, path, text, headers)
            answer = wire.getresponse()
            return answer.status, answer.read()

    def renew(self, service: str) -> bool:
        """Exchange the personal access token for one of the service; return True on success."""
        self._bearers.pop("users", None)
        shown = {"token": self._token, "audience": service}
        status, text = self.ask("users", "POST", "/api/v1/users/token", shown)
        if status == 200:
            self._bearers[service] = json.loads(text)["access_token"]
        return status == 200

    def call(self, service: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call and return the JSON. Raise AssertionError on failure; a GET is retried for AGAIN_SECONDS.

        After a fault a process may still wait for a lost database connection.
        """
        deadline = time.monotonic() + (AGAIN_SECONDS if method == "GET" else 0.0)
        while True:
            try:
                assert self.renew(service), "no token"
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


class Scenario:
    """A cohort with an operator who publishes announcements and a reader who receives them, also by mail."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.operator_token, self.reader_token = stack.make_owner("operator"), stack.make_owner("reader")
        self.operator, self.reader = self.program(self.operator_token), self.program(self.reader_token)
        self.reader_id: str = self.reader.call("users", "GET", "/api/v1/users/me")["id"]
        self.cohort = self.open_cohort("Faults")

    def program(self, token: str) -> ApiClient:
        """Return a new API client."""
        return ApiClient(self.stack.ports, token)

    def open_cohort(self, title: str) -> str:
        """Create a cohort of the two people; return its id."""
        body = {"title": title, "first_day": "2026-11-23", "weeks": 8}
        cohort: str = self.operator.call("study", "POST", "/api/v1/study/cohorts", body)["id"]
        week = datetime.now(UTC) + timedelta(days=7)
        for_one = {"role": "member", "part_id": None, "expires_at": week.isoformat(), "max_uses": 1}
        path = f"/api/v1/study/cohorts/{cohort}/invitations"
        invitation = self.operator.call("study", "POST", path, for_one)
        token = invitation["path"].strip("/").split("/")[-1]
        self.reader.call("study", "POST", f"/api/v1/study/join/{token}", {})
        return cohort

    def announcements(self, cohort: str = "") -> str:
        """Return the path of the announcements."""
        return f"/api/v1/study/cohorts/{cohort or self.cohort}/announcements"

    def published(self) -> dict[str, str]:
        """Return the published announcements: title → id."""
        return {row["title"]: row["id"] for row in self.operator.all("study", self.announcements())}

    def inbox(self) -> list[dict[str, Any]]:
        """Return the reader's inbox."""
        return self.reader.all("notification", "/api/v1/notification/inbox")

    def inbox_counts(self) -> Counter[str]:
        """Return how often each announcement is in the reader's inbox: id → count."""
        return Counter(
            row["url"].strip("/").split("/")[-1] for row in self.inbox() if "/announcements/" in row["url"]
        )

    def newest(self) -> set[str]:
        """Return the ids of the announcements on the first page of the reader's inbox."""
        page = self.reader.call("notification", "GET", "/api/v1/notification/inbox?size=20")
        return {row["url"].strip("/").split("/")[-1] for row in page["results"]}
