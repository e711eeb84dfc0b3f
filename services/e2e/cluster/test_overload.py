"""Four times the sustainable request rate: nothing restarts, and the release recovers."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from cluster import release
from cluster.kube import Kube
from cluster.scenario import GatewayClient, Scenario

pytestmark = pytest.mark.nightly

# Closed-loop clients that measure the sustainable rate.
CLIENTS = 8
MEASURED_SECONDS = 20
FACTOR = 4
OVERLOAD_SECONDS = 180
RECOVERY_SECONDS = 30
# More clients would measure this machine's threads. A request is not sent if no client is free.
MAX_IN_FLIGHT = 300
# Longer than the gateway's timeout.
REQUEST_TIMEOUT = 60


@dataclass
class Responses:
    """The responses by status (0: none), and the unexpected ones."""

    statuses: Counter[int] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, status: int, retry_after: str | None, text: bytes) -> None:
        """Count a response: 200, or 503 with Retry-After, is expected under overload."""
        with self.lock:
            self.statuses[status] += 1
            if status != 200 and not (status == 503 and retry_after):
                self.unexpected.append(f"{status} Retry-After={retry_after} {text[:120]!r}")


def test_overload_restarts_nothing_and_ends_with_the_load(kube: Kube, scenario: Scenario) -> None:
    with GatewayClient(scenario.operator) as program:
        cookie = program.page_cookie()
    path = f"/cohorts/{scenario.cohort}/"
    before = kube.restarts()
    rate = sustainable_rate(path, cookie)

    answers, unsent = overload(path, cookie, rate * FACTOR)

    print(
        f"\nsustainable {rate:.0f}/s; {FACTOR} times that for {OVERLOAD_SECONDS} s: {dict(answers.statuses)},"
        f" {unsent} not sent for want of a free client"
    )
    time.sleep(RECOVERY_SECONDS)
    assert get(path, cookie)[0] == 200
    assert answers.unexpected == []
    # Verify that there was an overload.
    assert unsent + answers.statuses[503] > 0
    assert kube.restarts() == before
    kube.wait_for_rollout(seconds=RECOVERY_SECONDS)


def sustainable_rate(path: str, cookie: str) -> float:
    """Return the requests per second of clients that wait for each response."""
    until = time.monotonic() + MEASURED_SECONDS

    def client() -> int:
        count = 0
        while time.monotonic() < until:
            assert get(path, cookie)[0] == 200
            count += 1
        return count

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(client) for _ in range(CLIENTS)]
        return sum(done.result() for done in clients) / MEASURED_SECONDS


def overload(path: str, cookie: str, rate: float) -> tuple[Responses, int]:
    """Send `rate` requests per second; return the responses, and the number of unsent requests."""
    answers, unsent = Responses(), 0
    free = threading.Semaphore(MAX_IN_FLIGHT)
    began = time.monotonic()

    def send() -> None:
        try:
            answers.add(*get(path, cookie))
        except (OSError, http.client.HTTPException) as error:
            answers.add(0, None, repr(error).encode())
        finally:
            free.release()

    with ThreadPoolExecutor(MAX_IN_FLIGHT) as pool:
        for number in range(int(rate * OVERLOAD_SECONDS)):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            if time.monotonic() > began + OVERLOAD_SECONDS:
                break
            if free.acquire(blocking=False):
                pool.submit(send)
            else:
                unsent += 1
    return answers, unsent


def get(path: str, cookie: str) -> tuple[int, str | None, bytes]:
    """GET on a new connection; return status, Retry-After and body."""
    parts = urlsplit(release.URL)
    wire = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=REQUEST_TIMEOUT)
    try:
        wire.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
        answer = wire.getresponse()
        return answer.status, answer.headers.get("Retry-After"), answer.read()
    finally:
        wire.close()
