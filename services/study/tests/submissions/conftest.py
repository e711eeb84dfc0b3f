"""A mission, ingested GitHub events, and a fake GitHub API."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.testing import NOW
from study.github.actions.checks import ingest_checks
from study.github.actions.ingest import ingest_pull_request, ingest_review
from study.github.client import Client
from study.github.models import Outcome, PullRequest, Source
from study.github.rules.payloads import CheckRunEvent, CheckSuiteEvent, PullRequestEvent, ReviewEvent
from study.missions.models import Mission
from study.submissions.models import Submission
from tests.github.payloads import make_mission, parse


@dataclass
class Ingested:
    outcome: Outcome
    pull_request: PullRequest | None
    submission: Submission | None


@pytest.fixture
def mission(club: SimpleNamespace) -> Mission:
    return make_mission(club)


@pytest.fixture
def ingest(club: SimpleNamespace) -> Callable[..., Ingested]:
    """ingest(event, payload, at=…) → what it led to, as if the cohort's webhook had delivered it then."""

    def arrive(
        event_type: str,
        payload: Any,
        *,
        at: datetime = NOW,
        source: Source = Source.WEBHOOK,
        cohort: Any = None,
    ) -> Ingested:
        _, event = parse(event_type, payload)
        cohort_id = (cohort or club.cohort).id
        if isinstance(event, PullRequestEvent):
            result = ingest_pull_request(cohort_id=cohort_id, event=event, source=source, at=at)
        elif isinstance(event, ReviewEvent):
            result = ingest_review(cohort_id=cohort_id, event=event, source=source, at=at)
        else:
            assert isinstance(event, CheckSuiteEvent | CheckRunEvent)
            result = ingest_checks(cohort_id=cohort_id, data=event.repository, checks=event.checks, at=at)
        submission = Submission.objects.filter(pull_request=result.pull_request).first()
        return Ingested(result.outcome, result.pull_request, submission)

    return arrive


@dataclass
class FakeGitHub:
    """Respond by path, and record the requests."""

    url: str = ""
    answers: dict[str, tuple[int, dict[str, str], Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def says(self, path: str, body: Any, status: int = 200, **headers: Any) -> None:
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        self.answers[path] = (status, named, body)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    @property
    def client(self) -> Client:
        return Client(self.url, "a-token")


@pytest.fixture
def fake_github(settings: Any) -> Iterator[FakeGitHub]:
    """A GitHub on this machine; the settings point at it."""
    github = FakeGitHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            github.asked.append((self.path, dict(self.headers)))
            status, headers, body = github.answers.get(path, (404, {}, {"message": "Not Found"}))
            etag = headers.get("ETag")
            if etag and self.headers.get("If-None-Match") == etag:
                status, body = 304, None
            data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    github.url = settings.GITHUB_API_URL = f"http://127.0.0.1:{server.server_port}"
    yield github
    server.shutdown()
    server.server_close()
