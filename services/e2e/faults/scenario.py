"""API clients of two people of a cohort, with personal access tokens."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from api_client import ApiClient, count_announcements, create_cohort

from faults.stack import Stack

SECONDS = 15
AGAIN_SECONDS = 120.0


class ProcessClient(ApiClient):
    """An API client that calls each service at its own port."""

    retry_seconds = AGAIN_SECONDS

    def __init__(self, ports: Mapping[str, int], token: str) -> None:
        super().__init__(token)
        self._ports = ports

    def send(
        self, service: str, method: str, path: str, text: str | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Send a request over a connection of its own."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._ports[service], timeout=SECONDS)) as wire:
            wire.request(method, path, text, headers)
            answer = wire.getresponse()
            return answer.status, answer.read()


class Scenario:
    """A cohort with an operator who publishes announcements and a reader who receives them, also by mail."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.operator_token, self.reader_token = stack.make_owner("operator"), stack.make_owner("reader")
        self.operator, self.reader = self.program(self.operator_token), self.program(self.reader_token)
        self.reader_id: str = self.reader.call("users", "GET", "/api/v1/users/me")["id"]
        self.cohort = self.open_cohort("Faults")

    def program(self, token: str) -> ProcessClient:
        """Return a new API client."""
        return ProcessClient(self.stack.ports, token)

    def open_cohort(self, title: str) -> str:
        """Create a cohort of the two people; return its id."""
        return create_cohort(self.operator, self.reader, title)

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
        return count_announcements(self.inbox())

    def newest(self) -> set[str]:
        """Return the ids of the announcements on the first page of the reader's inbox."""
        page = self.reader.call("notification", "GET", "/api/v1/notification/inbox?size=20")
        return {row["url"].strip("/").split("/")[-1] for row in page["results"]}
