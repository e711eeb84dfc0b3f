"""Two people of a cohort, as their programs see the services: by HTTP, with a personal access token."""

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
    """One person's program: a token for each service."""

    def __init__(self, ports: Mapping[str, int], token: str) -> None:
        self._ports, self._token = ports, token
        self._bearers: dict[str, str] = {}

    def ask(
        self, service: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of the answer. OSError or HTTPException where there is none."""
        headers = {"Content-Type": "application/json"}
        if service in self._bearers:
            headers["Authorization"] = f"Bearer {self._bearers[service]}"
        text = json.dumps(body) if body is not None else None
        with closing(http.client.HTTPConnection("127.0.0.1", self._ports[service], timeout=SECONDS)) as wire:
            wire.request(method, path, text, headers)
            answer = wire.getresponse()
            return answer.status, answer.read()

    def renew(self, service: str) -> bool:
        """Exchange the person's token for one that the service takes; whether that went well."""
        self._bearers.pop("users", None)
        shown = {"token": self._token, "audience": service}
        status, text = self.ask("users", "POST", "/api/v1/users/token", shown)
        if status == 200:
            self._bearers[service] = json.loads(text)["access_token"]
        return status == 200

    def call(self, service: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON. AssertionError unless it is one; a GET is repeated for AGAIN_SECONDS.

        After a fault a process may still wait for the answer of a database that it lost.
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
        """Every row of a list, page by page."""
        rows, cursor = [], ""
        while True:
            page = self.call(service, "GET", f"{path}?size=100{cursor and '&cursor='}{quote(cursor)}")
            rows += page["results"]
            if not page["next"]:
                return rows
            cursor = page["next"]


class Scenario:
    """A cohort with an operator who announces and a reader who is told, also by mail."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.operator_token, self.reader_token = stack.make_owner("operator"), stack.make_owner("reader")
        self.operator, self.reader = self.program(self.operator_token), self.program(self.reader_token)
        self.reader_id: str = self.reader.call("users", "GET", "/api/v1/users/me")["id"]
        self.cohort = self.open_cohort("Faults")

    def program(self, token: str) -> ApiClient:
        """One more program of that person's."""
        return ApiClient(self.stack.ports, token)

    def open_cohort(self, title: str) -> str:
        """A cohort of the two; its id."""
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
        """Where they are published and listed."""
        return f"/api/v1/study/cohorts/{cohort or self.cohort}/announcements"

    def published(self) -> dict[str, str]:
        """Title → id of everything that study has."""
        return {row["title"]: row["id"] for row in self.operator.all("study", self.announcements())}

    def inbox(self) -> list[dict[str, Any]]:
        """Everything in the reader's inbox."""
        return self.reader.all("notification", "/api/v1/notification/inbox")

    def inbox_counts(self) -> Counter[str]:
        """Id of an announcement → how often it stands in the reader's inbox."""
        return Counter(
            row["url"].strip("/").split("/")[-1] for row in self.inbox() if "/announcements/" in row["url"]
        )

    def newest(self) -> set[str]:
        """The announcements on the first page of the reader's inbox."""
        page = self.reader.call("notification", "GET", "/api/v1/notification/inbox?size=20")
        return {row["url"].strip("/").split("/")[-1] for row in page["results"]}
