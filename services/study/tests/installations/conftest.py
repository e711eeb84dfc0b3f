"""A GitHub that creates Apps, checks their JWTs, and gives out tokens of installations."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from study.installations import client as clients
from study.installations.tasks import send_check_runs, sync_installations
from tests.github.payloads import REPOSITORY, make_mission, pull_request

APP_ID = 4711
WEBHOOK_SECRET = "a-webhook-secret-for-tests"
CLIENT_SECRET = "a-client-secret-for-tests"
KEY = RSAKey.generate_key(2048, private=True)
PEM = KEY.as_pem(private=True).decode()


def repository(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "full_name": name, "name": name.partition("/")[2], "private": True}


def installation(number: int, login: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "account": {"id": number + 1000, "login": login, "type": "Organization"},
        "repository_selection": "selected",
        "updated_at": "2026-11-20T00:00:00Z",
        "suspended_at": None,
        **more,
    }


@dataclass
class GitHubServer:
    url: str = ""
    codes: set[str] = field(default_factory=lambda: {"a-code"})
    has_webhook: bool = True
    installations: dict[int, dict[str, Any]] = field(default_factory=dict)
    repositories: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    # Token → installation; those that were given out.
    tokens: dict[str, int] = field(default_factory=dict)
    token_lifetime: timedelta = timedelta(hours=1)
    # The App's public key; None once the App is deleted.
    key: Any = field(default_factory=lambda: KEY)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    webhook_secret: str = WEBHOOK_SECRET
    # What is answered once the webhook's secret is changed.
    hook_status: int = 200
    # Path below /repos/ → what a token of the installation gets.
    answers: dict[str, Any] = field(default_factory=dict)
    # Requests about check runs: method, path and body; and what they get instead of being obeyed.
    checks: list[tuple[str, str, Any]] = field(default_factory=list)
    refused: tuple[int, Any, dict[str, str]] | None = None

    def install(self, number: int, login: str, *repositories: dict[str, Any], **more: Any) -> None:
        self.installations[number] = installation(number, login, **more)
        self.repositories[number] = list(repositories)

    def remove(self, number: int) -> None:
        del self.installations[number]
        self.tokens = {token: id_ for token, id_ in self.tokens.items() if id_ != number}

    def count(self, method: str, path: str) -> int:
        return sum((asked_method, asked_path) == (method, path) for asked_method, asked_path, _ in self.asked)

    def answer(self, method: str, path: str, token: str) -> tuple[int, Any]:
        if found := re.fullmatch(r"/app-manifests/([^/]+)/conversions", path):
            is_new = method == "POST" and found[1] in self.codes
            self.codes.discard(found[1])
            return (201, self.conversion()) if is_new else (404, {"message": "Not Found"})
        if path.startswith("/app/"):
            return self.as_app(method, path, token)
        number = self.tokens.get(token)
        if token and number is None and token != "a-personal-token":
            return 401, {"message": "Bad credentials"}
        rows = self.repositories[number] if number else []
        listed = {"/installation/repositories": {"total_count": len(rows), "repositories": rows}}
        body = (listed | self.answers).get(path)
        return (200, body) if body is not None else (404, {"message": "Not Found"})

    def check_run(self, method: str, path: str, token: str, body: Any) -> tuple[int, Any, dict[str, str]]:
        """Create or update a check run: only by the token of an installation that has the repository."""
        name = "/".join(path.split("/")[2:4])
        number = self.tokens.get(token)
        if number is None:
            return 401, {"message": "Bad credentials"}, {}
        self.checks.append((method, path, body))
        if self.refused:
            return self.refused
        if name not in {data["full_name"] for data in self.repositories[number]}:
            return 404, {"message": "Not Found"}, {}
        created = sum(asked == "POST" for asked, _path, _body in self.checks)
        return (201 if method == "POST" else 200), {"id": created, **body}, {}

    def conversion(self) -> dict[str, Any]:
        return {
            "id": APP_ID,
            "slug": "seodang-club",
            "name": "Seodang club",
            "html_url": "https://github.com/apps/seodang-club",
            "client_id": "Iv1.client",
            "client_secret": CLIENT_SECRET,
            "webhook_secret": WEBHOOK_SECRET if self.has_webhook else None,
            "pem": PEM,
        }

    def as_app(self, method: str, path: str, token: str) -> tuple[int, Any]:
        if not self.is_app(token):
            return 401, {"message": "A JSON web token could not be decoded"}
        if path == "/app/installations":
            return 200, list(self.installations.values())
        number = int((re.search(r"\d+", path) or ["0"])[0])
        data = self.installations.get(number)
        if data is None:
            return 404, {"message": "Not Found"}
        return self.create_token(data) if method == "POST" else (200, data)

    def create_token(self, data: dict[str, Any]) -> tuple[int, Any]:
        if data["suspended_at"]:
            return 403, {"message": "This installation has been suspended"}
        token = f"ghs_{uuid.uuid4().hex}"
        self.tokens[token] = data["id"]
        return 201, {"token": token, "expires_at": (datetime.now(UTC) + self.token_lifetime).isoformat()}

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
            claims["iss"] in {str(APP_ID), "Iv1.client"}
            and claims["iat"] <= now < claims["exp"]
            and claims["exp"] - now <= 600
        )


@pytest.fixture
def github_server(settings: Any) -> Iterator[GitHubServer]:
    """A GitHub on this machine; the settings point at it."""
    github = GitHubServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, token = self.path.partition("?")[0], self.headers.get("Authorization", "")[7:]
            github.asked.append((self.command, path, token))
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            more: dict[str, str] = {}
            if path == "/app/hook/config" and github.is_app(token):
                github.webhook_secret = json.loads(sent)["secret"]
                status, body = github.hook_status, {"secret": "********"}
            elif "/check-runs" in path:
                status, body, more = github.check_run(self.command, path, token, json.loads(sent))
            else:
                status, body = github.answer(self.command, path, token)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self) -> None:
            self.do_GET()

        def do_PUT(self) -> None:
            self.do_GET()

        def do_PATCH(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    github.url = settings.GITHUB_API_URL = f"http://127.0.0.1:{server.server_port}"
    settings.GITHUB_TOKEN = "a-personal-token"
    clients._tokens.clear()
    yield github
    clients._tokens.clear()
    server.shutdown()
    server.server_close()


@pytest.fixture
def owner(as_principal: Any) -> Client:
    """A browser of an owner who is in no cohort."""
    browser: Client = as_principal(uuid.UUID(int=7), roles=["owner"])
    return browser


@pytest.fixture
def connected(github_server: GitHubServer, owner: Client, db: None) -> GitHubServer:
    """GitHub, once the owner has pressed "Connect GitHub"."""
    state = re.search(r"state=([^\"&]+)", owner.get("/cohorts/github/").content.decode())
    assert state
    owner.get("/cohorts/github/created/", {"code": "a-code", "state": state[1]})
    return github_server


@pytest.fixture
def send() -> Callable[..., Any]:
    """send(event, payload, delivery=…, secret=…) → the answer to a delivery of the App's webhook."""

    def deliver(event: str, payload: Any, *, delivery: str = "", secret: str = WEBHOOK_SECRET) -> Any:
        body = json.dumps(payload).encode()
        headers = {
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        }
        browser = Client(enforce_csrf_checks=True)
        return browser.post("/hooks/github/app", body, content_type="application/json", headers=headers)

    return deliver


@pytest.fixture
def mission(club):
    return make_mission(club)


@pytest.fixture
def installed(connected, mission):
    """The App is installed where the mission's repository is."""
    connected.install(77, REPOSITORY.partition("/")[0], repository(501, REPOSITORY))
    sync_installations()
    return connected


@pytest.fixture
def submitted(installed, send):
    """Ada's pull request, and its check run."""
    send("pull_request", pull_request())
    send_check_runs()
    return installed
