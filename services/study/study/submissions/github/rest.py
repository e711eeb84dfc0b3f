"""GitHub's REST API, asked sparingly: conditional requests, limits obeyed, no redirect to another host."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from django.conf import settings

from study.submissions.github.facts import ChecksFact, PullFact, Review
from study.submissions.github.payloads import asked_pull, asked_pulls, review_of, suite_of
from study.submissions.github.reading import BadPayload, Node

# A comparison names up to 300 changed files with their patches; nothing that we ask for is larger.
LARGEST_ANSWER = 10 * 1024 * 1024
MOST_REDIRECTS = 3
# The most that GitHub gives.
PER_PAGE = 100
# What GitHub asks of who hits the secondary limit and is told no time.
LEAST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=2)


class GithubDown(Exception):
    """GitHub cannot be reached, or answers with what is no answer."""


class GithubHasNot(Exception):
    """There is no such thing, or it is not open to us."""


class GithubBusy(Exception):
    """A rate limit holds us: nothing is to be asked before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is None if nothing has changed since the answer with that etag."""

    body: Any
    etag: str
    # How many more requests GitHub grants until `resets_at`; None where it does not say.
    remaining: int | None
    resets_at: datetime | None


@dataclass(frozen=True)
class Comparison:
    """How a commit stands to an earlier one: ahead, behind, identical or diverged."""

    status: str
    ahead_by: int


class Client:
    """The few questions that we have."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=5), retries=False)

    def pull(self, repository: str, number: int, *, etag: str = "") -> tuple[PullFact | None, Answer]:
        """A pull request as it stands, and the answer it came in; None if it has not changed since `etag`."""
        answer = self._get(f"/repos/{repository}/pulls/{number}", etag)
        with _understood():
            return (None if answer.body is None else asked_pull(answer.body)), answer

    def pulls(
        self, repository: str, *, page: int = 1, etag: str = ""
    ) -> tuple[list[PullFact] | None, Answer]:
        """A page of PER_PAGE pull requests in any state, the newest first; None if unchanged since `etag`."""
        order = f"state=all&sort=created&direction=desc&per_page={PER_PAGE}&page={page}"
        answer = self._get(f"/repos/{repository}/pulls?{order}", etag)
        with _understood():
            return (None if answer.body is None else asked_pulls(answer.body)), answer

    def reviews(self, repository: str, number: int) -> list[Review]:
        """The reviews of a pull request, oldest first, the first hundred."""
        body = self._get(f"/repos/{repository}/pulls/{number}/reviews?per_page=100").body
        with _understood():
            found = [review_of(review) for review in Node({"reviews": body}, "answer").nodes("reviews")]
        return [review for review in found if review]

    def suites(self, repository: str, sha: str) -> list[ChecksFact]:
        """The suites of checks that have come to their end on a commit."""
        body = self._get(f"/repos/{repository}/commits/{sha}/check-suites?per_page=100").body
        with _understood():
            found = [suite_of(suite, repository) for suite in Node(body, "answer").nodes("check_suites")]
        return [suite for suite in found if suite]

    def comparison(self, repository: str, before: str, after: str) -> Comparison:
        """How the later head stands to the earlier one."""
        body = self._get(f"/repos/{repository}/compare/{before}...{after}?per_page=1").body
        with _understood():
            found = Node(body, "answer")
            return Comparison(found.text("status", 16), found.number("ahead_by", 0, largest=10**6))

    def _get(self, path: str, etag: str = "") -> Answer:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "seodang",
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if etag:
            headers["If-None-Match"] = etag
        status, answered, data = self._follow(f"{self._base_url}{path}", headers)
        return _answer(status, answered, data)

    def _follow(self, url: str, headers: dict[str, str]) -> tuple[int, Any, bytes]:
        for _ in range(MOST_REDIRECTS + 1):
            status, answered, data = self._once(url, headers)
            if status not in {301, 302, 307, 308}:
                return status, answered, data
            url = urljoin(url, answered.get("Location", ""))
            # The token goes where it belongs, and a renamed repository leads nowhere else.
            if urlsplit(url)[:2] != urlsplit(self._base_url)[:2]:
                raise GithubHasNot("redirected to another host")
        raise GithubHasNot("redirected too often")

    def _once(self, url: str, headers: dict[str, str]) -> tuple[int, Any, bytes]:
        try:
            response = self._pool.request("GET", url, headers=headers, redirect=False, preload_content=False)
            data = response.read(LARGEST_ANSWER + 1, decode_content=True)
            if len(data) > LARGEST_ANSWER:
                # What is left unread would be taken for the next answer.
                response.close()
                raise GithubDown("the answer is too large")
            response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise GithubDown(type(error).__name__) from None
        return response.status, response.headers, data


@contextmanager
def _understood() -> Iterator[None]:
    """What GitHub never sends is as good as no answer."""
    try:
        yield
    except BadPayload as strange:
        raise GithubDown(str(strange)) from None


def _answer(status: int, headers: Any, data: bytes) -> Answer:
    if status in {403, 429} and (until := _held_until(headers, data, limited=status == 429)):
        raise GithubBusy(until)
    # 401 is not among them: then it is our token that is wrong, not the question.
    if status in {403, 404, 410, 422, 451}:
        raise GithubHasNot(str(status))
    if status not in {200, 304}:
        raise GithubDown(f"answered {status}")
    try:
        body = None if status == 304 else json.loads(data)
    except (ValueError, RecursionError):
        raise GithubDown("the answer is not JSON") from None
    remaining = _whole(headers.get("X-RateLimit-Remaining"))
    reset = _whole(headers.get("X-RateLimit-Reset"))
    return Answer(
        body=body,
        etag=headers.get("ETag", "")[:100],
        remaining=remaining,
        resets_at=None if reset is None else _within(datetime.fromtimestamp(min(reset, 2**33), UTC)),
    )


def _held_until(headers: Any, data: bytes, *, limited: bool) -> datetime | None:
    """Until when a limit holds us; None if it is a plain refusal."""
    if (seconds := _whole(headers.get("Retry-After"))) is not None:
        return _within(_now() + timedelta(seconds=min(seconds, 10**6)))
    reset = _whole(headers.get("X-RateLimit-Reset"))
    if headers.get("X-RateLimit-Remaining") == "0" and reset is not None:
        return _within(datetime.fromtimestamp(min(reset, 2**33), UTC))
    return _now() + LEAST_WAIT if limited or b"rate limit" in data.lower() else None


def _within(until: datetime) -> datetime:
    # A clock that is wrong, here or there, must not hold us for days.
    return min(max(until, _now() + timedelta(seconds=1)), _now() + LONGEST_WAIT)


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None


def client() -> Client:
    """The client that the settings ask for, one a process."""
    return _client(settings.GITHUB_API_URL, settings.GITHUB_TOKEN)


@cache
def _client(base_url: str, token: str) -> Client:
    return Client(base_url, token)
