"""A client of GitHub's REST API: conditional requests, rate limits, no redirect to another host."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Generic, Protocol, TypeVar, cast
from urllib.parse import quote, urljoin, urlsplit

import urllib3
from django.conf import settings
from django.utils.module_loading import import_string

from chassis.errors import DomainError
from study.github.rules.parsing import parse_response
from study.github.rules.payloads import (
    ChangedFile,
    ChangedFiles,
    CheckSuite,
    CheckSuites,
    Comparison,
    Problem,
    PullRequestData,
    RepositoryData,
    RepositoryDetails,
    Review,
)

T = TypeVar("T")
# A comparison names up to 300 changed files with their patches; nothing that we ask for is larger.
MAX_RESPONSE_SIZE = 10 * 1024 * 1024
MAX_REDIRECTS = 3
# A repository is generated while GitHub answers.
WRITE_TIMEOUT = urllib3.Timeout(connect=2, read=20)
# The most that GitHub gives.
PER_PAGE = 100
# GitHub's rule for the secondary rate limit if the response contains no time.
MIN_WAIT = timedelta(minutes=1)
MAX_WAIT = timedelta(hours=2)


class GitHubUnavailable(Exception):
    """GitHub cannot be reached, or its response is invalid."""


class GitHubResponseTooLarge(GitHubUnavailable):
    """The response has more than MAX_RESPONSE_SIZE bytes."""


class GitHubUnauthorized(GitHubUnavailable):
    """GitHub does not accept the token."""


class GitHubNotFound(Exception):
    """The resource does not exist, or is private."""


class GitHubRefused(GitHubNotFound):
    """GitHub refused the request with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message


class GitHubRateLimited(Exception):
    """A rate limit holds us: nothing is to be asked before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True)
class Response(Generic[T]):
    """GitHub's response. `body` is None if nothing has changed since the one with that etag."""

    body: T | None
    etag: str
    # How many more requests GitHub grants until `resets_at`; None where it does not say.
    remaining: int | None
    resets_at: datetime | None


class Client:
    """The requests that this service sends."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=5), retries=False)

    def get_pull_request(self, repository: str, number: int, *, etag: str = "") -> Response[PullRequestData]:
        """Get a pull request."""
        return self._get(f"/repos/{repository}/pulls/{number}", PullRequestData, etag)

    def list_pull_requests(
        self, repository: str, *, page: int = 1, etag: str = ""
    ) -> Response[list[PullRequestData]]:
        """List a page of PER_PAGE pull requests in any state, newest first."""
        order = f"state=all&sort=created&direction=desc&per_page={PER_PAGE}&page={page}"
        return self._get(f"/repos/{repository}/pulls?{order}", list[PullRequestData], etag)

    def list_reviews(self, repository: str, number: int) -> list[Review]:
        """List the submitted reviews of a pull request, oldest first, the first hundred."""
        path = f"/repos/{repository}/pulls/{number}/reviews?per_page={PER_PAGE}"
        return [review for review in self._get_body(path, list[Review]) if review.is_submitted]

    def list_check_suites(self, repository: str, sha: str) -> list[CheckSuite]:
        """List the completed check suites of a commit, the first hundred."""
        path = f"/repos/{repository}/commits/{sha}/check-suites?per_page={PER_PAGE}"
        return [suite for suite in self._get_body(path, CheckSuites).check_suites if suite.is_completed]

    def compare_commits(self, repository: str, before: str, after: str) -> Comparison:
        """Compare the later head with the earlier one."""
        return self._get_body(f"/repos/{repository}/compare/{before}...{after}?per_page=1", Comparison)

    def list_changed_files(self, repository: str, base: str, head: str) -> list[ChangedFile]:
        """List the files that `head` changes since it left `base`, with their patches: the first 300."""
        path = f"/repos/{repository}/compare/{quote(base, safe='')}...{head}?per_page=1"
        return self._get_body(path, ChangedFiles).files

    def list_repositories(
        self, owner: str, *, page: int = 1, etag: str = ""
    ) -> Response[list[RepositoryData]]:
        """List a page of PER_PAGE repositories of an organization or a person, newest first."""
        order = f"sort=created&direction=desc&per_page={PER_PAGE}&page={page}"
        try:
            return self._get(f"/orgs/{owner}/repos?{order}", list[RepositoryData], etag)
        except GitHubNotFound:
            return self._get(f"/users/{owner}/repos?{order}", list[RepositoryData], etag)

    def get_repository(self, repository: str) -> RepositoryDetails:
        """Get a repository."""
        return self._get_body(f"/repos/{repository}", RepositoryDetails)

    def generate_repository(self, template: str, repository: str, *, is_private: bool) -> RepositoryDetails:
        """Create a repository from a template. Raises GitHubRefused."""
        owner, _slash, name = repository.partition("/")
        body = {"owner": owner, "name": name, "private": is_private}
        path = f"/repos/{template}/generate"
        data = self._send("POST", path, body, token_path=f"/repos/{repository}")
        return parse_body(data, RepositoryDetails)

    def invite_collaborator(self, repository: str, login: str) -> None:
        """Invite an account to push to a repository; none of a collaborator. Raises GitHubRefused."""
        self._send("PUT", f"/repos/{repository}/collaborators/{login}", {"permission": "push"})

    def _send(self, method: str, path: str, body: dict[str, Any], *, token_path: str = "") -> bytes:
        def send(token: str) -> bytes:
            status, headers, data = self._follow_redirects(
                f"{self._base_url}{path}",
                self._headers(token) | {"Content-Type": "application/json"},
                method=method,
                body=json.dumps(body).encode(),
                timeout=WRITE_TIMEOUT,
            )
            _raise_for_status(status, headers, data)
            if status not in {200, 201, 204}:
                raise GitHubUnavailable(f"answered {status}")
            return data

        # The App asks for no permission to create repositories at first: the personal token comes first.
        return self._authenticated(send, token_path or path, first=self._token)

    def _get_body(self, path: str, kind: type[T]) -> T:
        body = self._get(path, kind).body
        if body is None:
            raise GitHubUnavailable("answered 304")
        return body

    def _get(self, path: str, kind: type[T], etag: str = "") -> Response[T]:
        return self._authenticated(lambda token: self._get_with(token, path, kind, etag), path)

    def _authenticated(self, ask: Callable[[str], T], path: str, *, first: str = "") -> T:
        """Ask with `first`, or with the token for the path; once more if GitHub does not accept it."""
        token = first or self._token_for(path)
        try:
            return ask(token)
        except GitHubUnauthorized:
            # A token of an installation can be revoked before it expires.
            renewed = self._token_for(path, refused=token)
            if renewed == token:
                raise
            return ask(renewed)

    def _get_with(self, token: str, path: str, kind: type[T], etag: str) -> Response[T]:
        headers = self._headers(token)
        if etag:
            headers["If-None-Match"] = etag
        return _response(*self._follow_redirects(f"{self._base_url}{path}", headers), kind)

    def _token_for(self, path: str, *, refused: str = "") -> str:
        """Return the token for a request; another than `refused` if there is one."""
        return self._token

    def _headers(self, token: str) -> dict[str, str]:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "seodang",
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def _follow_redirects(self, url: str, headers: dict[str, str], **options: Any) -> tuple[int, Any, bytes]:
        for _ in range(MAX_REDIRECTS + 1):
            status, response_headers, data = self._request(url, headers, **options)
            if status not in {301, 302, 307, 308}:
                return status, response_headers, data
            url = urljoin(url, response_headers.get("Location", ""))
            # The token goes where it belongs, and a renamed repository leads nowhere else.
            if urlsplit(url)[:2] != urlsplit(self._base_url)[:2]:
                raise GitHubNotFound("redirected to another host")
        raise GitHubNotFound("redirected too often")

    def _request(
        self, url: str, headers: dict[str, str], *, method: str = "GET", **options: Any
    ) -> tuple[int, Any, bytes]:
        try:
            response = self._pool.request(
                method, url, headers=headers, redirect=False, preload_content=False, **options
            )
            data = response.read(MAX_RESPONSE_SIZE + 1, decode_content=True)
            if len(data) > MAX_RESPONSE_SIZE:
                # What is left unread would be taken for the next answer.
                response.close()
                raise GitHubResponseTooLarge("the answer is too large")
            response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise GitHubUnavailable(type(error).__name__) from None
        return response.status, response.headers, data


def _response(status: int, headers: Any, data: bytes, kind: type[T]) -> Response[T]:
    _raise_for_status(status, headers, data)
    if status not in {200, 304}:
        raise GitHubUnavailable(f"answered {status}")
    body = None if status == 304 else parse_body(data, kind)
    remaining = _parse_number(headers.get("X-RateLimit-Remaining"))
    reset = _parse_number(headers.get("X-RateLimit-Reset"))
    return Response(
        body=body,
        etag=headers.get("ETag", "")[:100],
        remaining=remaining,
        resets_at=None if reset is None else _clamp(datetime.fromtimestamp(min(reset, 2**33), UTC)),
    )


def _raise_for_status(status: int, headers: Any, data: bytes) -> None:
    if status in {403, 429} and (until := _limited_until(headers, data, limited=status == 429)):
        raise GitHubRateLimited(until)
    if status == 401:
        raise GitHubUnauthorized("answered 401")
    if status in {403, 404, 410, 422, 451}:
        try:
            message = parse_response(data, Problem).message
        except DomainError:
            message = ""
        raise GitHubRefused(status, message)


def parse_body(data: bytes, kind: type[T]) -> T:
    """Return the JSON of an answer as that type. Raises GitHubUnavailable."""
    try:
        return parse_response(data, kind)
    except DomainError as error:
        raise GitHubUnavailable(f"invalid response: {error}") from None


def _limited_until(headers: Any, data: bytes, *, limited: bool) -> datetime | None:
    """Return when the rate limit ends; None if the response is no rate limit."""
    if (seconds := _parse_number(headers.get("Retry-After"))) is not None:
        return _clamp(_now() + timedelta(seconds=min(seconds, 10**6)))
    reset = _parse_number(headers.get("X-RateLimit-Reset"))
    if headers.get("X-RateLimit-Remaining") == "0" and reset is not None:
        return _clamp(datetime.fromtimestamp(min(reset, 2**33), UTC))
    return _now() + MIN_WAIT if limited or b"rate limit" in data.lower() else None


def _clamp(until: datetime) -> datetime:
    # A clock that is wrong, here or there, must not hold us for days.
    return min(max(until, _now() + timedelta(seconds=1)), _now() + MAX_WAIT)


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _parse_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None


class RepositoryToken(Protocol):
    def __call__(self, *, repository: str, refused: str) -> str:
        """Return a token that may read the repository "owner/name", or "". `refused` is not returned."""


class RepositoryClient(Client):
    """Reads a repository with the token that the function named by GITHUB_REPOSITORY_AUTH finds for it.

    Without one it uses the personal token of the settings.
    """

    def _token_for(self, path: str, *, refused: str = "") -> str:
        if path.startswith("/repos/"):
            find = cast("RepositoryToken", import_string(settings.GITHUB_REPOSITORY_AUTH))
            repository = "/".join(path.split("/")[2:4])
            if token := find(repository=repository, refused=refused):
                return token
        return self._token


def client() -> Client:
    """The client that the settings ask for, one a process."""
    return _client(settings.GITHUB_API_URL, settings.GITHUB_TOKEN)


@cache
def _client(base_url: str, token: str) -> Client:
    return RepositoryClient(base_url, token)
