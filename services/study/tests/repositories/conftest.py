"""A GitHub on this machine that lists, generates and shares repositories, and a clock."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.utils import timezone

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW
from study.cohorts.models import Membership
from study.github.models import Repository
from study.repositories.tasks import create_repositories

OWNER = "38-lets-sopt-server"
TEMPLATE = f"{OWNER}/template"


class FakeGitHub:
    """Answers as GitHub documents it, and keeps what it was asked to write."""

    def __init__(self) -> None:
        self.repositories: dict[str, dict[str, Any]] = {}
        self.organizations = {OWNER}
        self.pulls: dict[str, list[Any]] = {}
        self.collaborators: dict[str, list[str]] = {}
        self.written: list[str] = []
        # Path → answers that it gives first, instead of its own. None: its own is lost.
        self.answers: dict[str, list[tuple[int, dict[str, str], Any] | None]] = {}
        self.lock = threading.Lock()

    def add(self, name: str, **fields: Any) -> dict[str, Any]:
        """Let the repository exist, created now."""
        row = {
            "id": 9_000 + len(self.repositories),
            "full_name": name,
            "created_at": timezone.now().isoformat(),
            "is_template": False,
            **fields,
        }
        self.repositories[name.lower()] = row
        return row

    def answer(self, method: str, url: str, body: Any) -> tuple[int, Any]:
        match (method, urlsplit(url).path.strip("/").split("/")):
            case ("GET", [("orgs" | "users") as kind, owner, "repos"]):
                return self._list(kind, owner, parse_qs(urlsplit(url).query))
            case ("GET", ["repos", owner, name, "pulls"]):
                return 200, self.pulls.get(f"{owner}/{name}", [])
            case ("GET", ["repos", owner, name]) if f"{owner}/{name}" in self.repositories:
                return 200, self.repositories[f"{owner}/{name}"]
            case ("POST", ["repos", owner, name, "generate"]) if f"{owner}/{name}" in self.repositories:
                return self._generate(f"{owner}/{name}", body)
            case ("PUT", ["repos", owner, name, "collaborators", login]):
                self.collaborators.setdefault(f"{owner}/{name}", []).append(login)
                return 201, {"id": 1}
        return 404, {"message": "Not Found"}

    def _list(self, kind: str, owner: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        if (owner in self.organizations) != (kind == "orgs"):
            return 404, {"message": "Not Found"}
        size, page = int(query["per_page"][0]), int(query["page"][0])
        rows = [row for name, row in self.repositories.items() if name.startswith(f"{owner}/")]
        return 200, rows[::-1][(page - 1) * size : page * size]

    def _generate(self, template: str, body: dict[str, Any]) -> tuple[int, Any]:
        name = f"{body['owner']}/{body['name']}"
        if name in self.repositories:
            return 422, {"message": "Could not clone: Name already exists on this account"}
        self.written.append(name)
        made_from = self.repositories[template]
        return 201, self.add(name, template_repository=made_from, private=body["private"])


@pytest.fixture
def github(settings: Any) -> Iterator[FakeGitHub]:
    """A FakeGitHub that has the template; the settings point at it."""
    fake = FakeGitHub()
    fake.add(TEMPLATE, is_template=True)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            headers: dict[str, str] = {}
            with fake.lock:
                queued = fake.answers.get(urlsplit(self.path).path)
                forced = queued.pop(0) if queued else ()
                if forced:
                    status, headers, answer = forced
                    answer = {"message": answer} if isinstance(answer, str) else answer
                else:
                    status, answer = fake.answer(self.command, self.path, body)
            if forced is None:
                self.close_connection = True
                return
            data = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = respond  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    settings.GITHUB_API_URL = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], datetime]:
    """clock(duration) → the time, after that duration has passed."""
    time = SimpleNamespace(now=timezone.now())
    monkeypatch.setattr(timezone, "now", lambda: time.now)

    def advance(duration: timedelta = timedelta()) -> datetime:
        time.now += duration
        return time.now  # type: ignore[no-any-return]

    return advance


@pytest.fixture
def pattern(club: SimpleNamespace) -> Repository:
    return Repository.objects.create(cohort=club.cohort, name=f"{OWNER}/*")


@pytest.fixture
def twelve(club: SimpleNamespace) -> list[Membership]:
    """Ada and eleven more members who have linked GitHub accounts."""
    members = [club.ada]
    for number in range(1, 12):
        account_id = uuid4()
        AccountMirror.objects.create(
            account_id=account_id,
            name=f"멤버 {number:02}",
            github_id=700 + number,
            github_login=f"Member-{number:02}",
            version=1,
        )
        members.append(
            Membership.objects.create(
                cohort=club.cohort, account_id=account_id, role="member", part=club.backend, joined_at=NOW
            )
        )
    return members


@pytest.fixture
def work(clock: Callable[..., datetime]) -> Callable[..., None]:
    """work(rounds) → the periodic task ran that often, a minute apart."""

    def run(rounds: int = 1) -> None:
        for _round in range(rounds):
            create_repositories()
            clock(timedelta(minutes=1))

    return run
