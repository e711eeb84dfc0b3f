"""GitHub's REST API on this machine: a GitHub App, its installations and their tokens.

It checks what GitHub documents: an App's JWT, an installation's token and its expiry, a manifest's code.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from chassis.testing.serving import Request, Response

APP_ID = 4711
CLIENT_ID = "Iv1.client"
CLIENT_SECRET = "a-client-secret-for-tests"
WEBHOOK_SECRET = "a-webhook-secret-for-tests"
PERSONAL_TOKEN = "a-personal-token"
# Below it, an Enterprise Server has its API.
ENTERPRISE_PREFIX = "/api/v3"
NOT_FOUND = 404, {"message": "Not Found"}


def repository(number: int, name: str) -> dict[str, Any]:
    """Return a repository as an installation lists it."""
    return {"id": number, "full_name": name, "name": name.partition("/")[2], "private": True}


def installation(number: int, login: str, **more: Any) -> dict[str, Any]:
    """Return an installation as the API and deliveries describe it."""
    return {
        "id": number,
        "account": {"id": number + 1000, "login": login, "type": "Organization"},
        "repository_selection": "selected",
        "updated_at": "2026-11-20T00:00:00Z",
        "suspended_at": None,
        **more,
    }


def signed_delivery(
    event: str, payload: Any, *, secret: str, delivery: str = ""
) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of a webhook delivery."""
    body = json.dumps(payload).encode()
    return body, {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }


@dataclass
class GitHubServer:
    """One GitHub App, and whatever the tests install it on."""

    url: str = ""
    codes: set[str] = field(default_factory=lambda: {"a-code"})
    has_webhook: bool = True
    name: str = "Seodang club"
    html_url: str = "https://github.com/apps/seodang-club"
    webhook_secret: str = WEBHOOK_SECRET
    # The App's private key; None once the App is deleted.
    key: RSAKey | None = field(default_factory=lambda: RSAKey.generate_key(2048, private=True))
    installations: dict[int, dict[str, Any]] = field(default_factory=dict)
    repositories: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    # Token → installation; those that were given out, and when each expires.
    tokens: dict[str, int] = field(default_factory=dict)
    expires_at: dict[str, datetime] = field(default_factory=dict)
    token_lifetime: timedelta = timedelta(hours=1)
    # How much time has passed for the tokens.
    elapsed: timedelta = timedelta()
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    # Path and token of requests that were answered with 401.
    unauthorized: list[tuple[str, str]] = field(default_factory=list)
    # What is answered once the webhook's secret is changed.
    hook_status: int = 200
    # Path below /repos/ → what a token of the installation gets.
    answers: dict[str, Any] = field(default_factory=dict)
    # Requests to write check runs: method, path and body; and what they get instead of being obeyed.
    checks: list[tuple[str, str, Any]] = field(default_factory=list)
    refused: tuple[int, Any, dict[str, str]] | None = None
    # The check runs that were created, by id.
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def pem(self) -> str:
        """The private key as GitHub lets the App's owner download it."""
        assert self.key
        return self.key.as_pem(private=True).decode()

    def install(self, number: int, login: str, *repositories: dict[str, Any], **more: Any) -> None:
        """Install the App on an account."""
        self.installations[number] = installation(number, login, **more)
        self.repositories[number] = list(repositories)

    def remove(self, number: int) -> None:
        """Remove an installation, whose tokens are void at once."""
        del self.installations[number]
        self.tokens = {token: id_ for token, id_ in self.tokens.items() if id_ != number}

    def count(self, method: str, path: str) -> int:
        """Return how often that was asked."""
        return sum((asked_method, asked_path) == (method, path) for asked_method, asked_path, _ in self.asked)

    def respond(self, request: Request) -> Response:
        """Return the status, headers and body of an answer."""
        path = request.path.removeprefix(ENTERPRISE_PREFIX)
        self.asked.append((request.method, path, request.token))
        more: dict[str, str] = {}
        if path == "/app/hook/config" and self.is_app(request.token):
            self.webhook_secret = json.loads(request.body)["secret"]
            status, body = self.hook_status, {"secret": "********"}
        elif "/check-runs" in path:
            status, body, more = self.check_run(request)
        else:
            status, body = self.answer(request.method, path, request.token)
        if status == 401:
            self.unauthorized.append((path, request.token))
        return status, {"Content-Type": "application/json; charset=utf-8", **more}, json.dumps(body).encode()

    def answer(self, method: str, path: str, token: str) -> tuple[int, Any]:
        """Return the status and JSON of an answer of the API."""
        if found := re.fullmatch(r"/app-manifests/([^/]+)/conversions", path):
            is_new = method == "POST" and found[1] in self.codes
            self.codes.discard(found[1])
            return (201, self.conversion()) if is_new else NOT_FOUND
        if path.startswith("/app/"):
            return self.as_app(method, path, token)
        number = self.installation_of(token)
        if token and number is None and token != PERSONAL_TOKEN:
            return 401, {"message": "Bad credentials"}
        rows = self.repositories[number] if number else []
        listed = {"/installation/repositories": {"total_count": len(rows), "repositories": rows}}
        body = (listed | self.answers).get(path)
        return (200, body) if body is not None else NOT_FOUND

    def check_run(self, request: Request) -> tuple[int, Any, dict[str, str]]:
        """Create, update or list check runs: only by the token of an installation that has the repository."""
        path = request.path.removeprefix(ENTERPRISE_PREFIX)
        number = self.installation_of(request.token)
        if number is None:
            return 401, {"message": "Bad credentials"}, {}
        body = json.loads(request.body or b"{}")
        if request.method != "GET":
            self.checks.append((request.method, path, body))
            if self.refused:
                return self.refused
        name = "/".join(path.split("/")[2:4])
        if name not in {data["full_name"] for data in self.repositories[number]}:
            return (*NOT_FOUND, {})
        if request.method == "GET":
            rows = [run for run in self.check_runs(name) if run["head_sha"] == path.split("/")[-2]]
            return 200, {"total_count": len(rows), "check_runs": rows}, {}
        if request.method == "POST":
            id_ = len(self.runs) + 1
            self.runs[id_] = {"id": id_, "repository": name, **body}
            return 201, self.runs[id_], {}
        id_ = int(path.rpartition("/")[2])
        self.runs.setdefault(id_, {"id": id_, "repository": name, "head_sha": ""}).update(body)
        return 200, self.runs[id_], {}

    def check_runs(self, repository: str) -> list[dict[str, Any]]:
        """Return the check runs of a repository, newest first."""
        return [run for run in reversed(list(self.runs.values())) if run["repository"] == repository]

    def conversion(self) -> dict[str, Any]:
        """Return the App with its secrets, as its manifest's code is exchanged for it."""
        return {
            "id": APP_ID,
            "slug": self.html_url.rpartition("/")[2],
            "name": self.name,
            "html_url": self.html_url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "webhook_secret": self.webhook_secret if self.has_webhook else None,
            "pem": self.pem,
        }

    def as_app(self, method: str, path: str, token: str) -> tuple[int, Any]:
        """Return what the App itself gets."""
        if not self.is_app(token):
            return 401, {"message": "A JSON web token could not be decoded"}
        if path == "/app/installations":
            return 200, list(self.installations.values())
        number = int((re.search(r"\d+", path) or ["0"])[0])
        data = self.installations.get(number)
        if data is None:
            return NOT_FOUND
        return self.create_token(data) if method == "POST" else (200, data)

    def create_token(self, data: dict[str, Any]) -> tuple[int, Any]:
        """Return a new token of an installation, valid for `token_lifetime`."""
        if data["suspended_at"]:
            return 403, {"message": "This installation has been suspended"}
        token = f"ghs_{uuid.uuid4().hex}"
        expires_at = datetime.now(UTC) + self.token_lifetime
        self.tokens[token], self.expires_at[token] = data["id"], expires_at + self.elapsed
        return 201, {"token": token, "expires_at": expires_at.isoformat()}

    def installation_of(self, token: str) -> int | None:
        """Return the installation of a token; None once it is revoked or has expired."""
        is_valid = token in self.tokens and datetime.now(UTC) + self.elapsed < self.expires_at[token]
        return self.tokens[token] if is_valid else None

    def is_app(self, token: str) -> bool:
        """Check a JWT as GitHub documents it: RS256, the App's id, ten minutes at most."""
        if self.key is None:
            return False
        try:
            claims = jwt.decode(token, self.key, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return False
        now = time.time()
        return (
            claims["iss"] in {str(APP_ID), CLIENT_ID}
            and claims["iat"] <= now < claims["exp"]
            and claims["exp"] - now <= 600
        )
