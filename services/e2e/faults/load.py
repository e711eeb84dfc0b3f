"""Writes to all three services at a steady rate; a 2xx response accepts a write."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable

from api_client import ApiClient

from faults.scenario import Scenario

# Seconds between two writes of one writer.
EVERY = 0.6
ACCEPTED = "accepted"


class WriteLoad:
    """Three writers until stop(): announcements, the reader's name, read notifications."""

    def __init__(self, scenario: Scenario, name: str) -> None:
        self.scenario, self.name = scenario, name
        self.titles: list[str] = []
        # The names since the last accepted one: a later one may be stored without a response.
        self.possible_names: list[str] = []
        self.read: list[str] = []
        # Failed writes by reason.
        self.rejections: Counter[str] = Counter()
        # When each answer came and how long it took (seconds).
        self.took: list[tuple[float, float]] = []
        self._over = threading.Event()
        writers = (self._announce, self._rename, self._read)
        self._threads = [threading.Thread(target=self._repeat, args=(writer,)) for writer in writers]

    def start(self) -> None:
        """Start the writers."""
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def stop(self) -> None:
        """Stop the writers after their current requests."""
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    @property
    def accepted(self) -> int:
        """The number of accepted writes."""
        return len(self.took)

    def p95(self, since: float, until: float) -> float:
        """Return the 95th percentile (ms) of the responses in an interval; 0 without any."""
        processes = sorted(took * 1000 for at, took in self.took if since <= at < until)
        return processes[min(len(processes) - 1, len(processes) * 95 // 100)] if processes else 0.0

    def _repeat(self, write: Callable[[ApiClient, int], str]) -> None:
        is_operator = write == self._announce
        program = self.scenario.program(
            self.scenario.operator_token if is_operator else self.scenario.reader_token
        )
        services: dict[Callable[[ApiClient, int], str], str]
        services = {self._announce: "study", self._rename: "users", self._read: "notification"}
        service = services[write]
        number, renewed_at = 0, float("-inf")
        while not self._over.wait(EVERY):
            number += 1
            began = time.monotonic()
            try:
                if time.monotonic() - renewed_at > 300 and program.renew(service)[0] == 200:
                    renewed_at = began = time.monotonic()
                status = write(program, number)
            except (OSError, http.client.HTTPException) as error:
                status = type(error).__name__
            if status == ACCEPTED:
                self.took.append((time.monotonic(), time.monotonic() - began))
            elif status:
                self.rejections[f"{service}: {status}"] += 1

    def _announce(self, program: ApiClient, number: int) -> str:
        title = f"{self.name} {number}"
        path = self.scenario.announcements()
        status, _ = program.ask("study", "POST", path, {"title": title, "body": "…"})
        if status == 201:
            self.titles.append(title)
        return outcome(status)

    def _rename(self, program: ApiClient, number: int) -> str:
        name = f"{self.name} {number}"
        self.possible_names.append(name)
        status, _ = program.ask("users", "PATCH", "/api/v1/users/me", {"name": name})
        if status == 200:
            self.possible_names = [name]
        return outcome(status)

    def _read(self, program: ApiClient, number: int) -> str:
        status, text = program.ask("notification", "GET", "/api/v1/notification/inbox?show=unread&size=1")
        if status != 200:
            return str(status)
        for row in json.loads(text)["results"]:
            path = f"/api/v1/notification/inbox/{row['id']}/read"
            status, _ = program.ask("notification", "PUT", path)
            if 200 <= status < 300:
                self.read.append(row["id"])
            return outcome(status)
        return ""


def outcome(status: int) -> str:
    """Return ACCEPTED for 2xx, else the status."""
    return ACCEPTED if 200 <= status < 300 else str(status)
