"""A club whose GitHub App is connected: study's processes behind the gateway, and GitHub."""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OKPKey
from kill.databases import databases, run_in
from kill.processes import free_port
from service_processes import ROOT, Process, Redis, Service, Supervisor, services, supervised

from chassis.testing.github import WEBHOOK_SECRET, signed_delivery
from chassis.testing.serving import serving
from processes.github import CLUB, FaultyGitHub

OPERATOR = UUID(int=0x16A)
MEMBERS = range(1, 8)
# Longer than any lease, and shorter than the shortest one but longer than the first retries.
EVER, RETRIES = timedelta(days=1), timedelta(seconds=100)

PREPARE = """
import json, sys
from processes.prepare import prepare
print(json.dumps(prepare(sys.argv[1])))
"""


def number_of(member: int, repository: str) -> int:
    """Return the number of a member's pull request."""
    return 10 * int(repository[-1]) + member


def head_of(member: int, *, repository: str = "week-1") -> str:
    """Return the head of a member's pull request."""
    return f"{number_of(member, repository):040}"


@dataclass
class Club:
    """The club, as GitHub and an operator's program reach it."""

    github: FaultyGitHub
    running: Supervisor
    study: Service
    worker: Process
    ids: dict[str, str]
    url: str

    def deliver(self, event: str, payload: Any) -> None:
        """Deliver an event to the gateway, as GitHub does."""
        body, headers = signed_delivery(event, payload, secret=WEBHOOK_SECRET)
        self._send("POST", "/hooks/github/app", body, headers)

    def open_pull_request(self, member: int, *, repository: str = "week-1") -> None:
        """Deliver a member's pull request."""
        self.deliver("pull_request", {"action": "opened", **self._pull_request(member, repository)})

    def request_changes(self, member: int, *, repository: str = "week-1") -> None:
        """Deliver the operator's review of a member's pull request."""
        payload = self._pull_request(member, repository)
        reviewer = {"id": 500, "login": "olga", "type": "User"}
        review = {
            "id": 7_000 + member,
            "user": reviewer,
            "state": "changes_requested",
            "body": "",
            "commit_id": head_of(member, repository=repository),
            "submitted_at": datetime.now(UTC).isoformat(),
            "author_association": "MEMBER",
        }
        event = {"action": "submitted", **payload, "sender": reviewer, "review": review}
        self.deliver("pull_request_review", event)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call study's API as the operator."""
        now = time.time()
        claims = {
            "iss": self.study.environment["PUBLIC_URL"],
            "aud": ["study"],
            "sub": str(OPERATOR),
            "nbf": now - 1,
            "iat": now - 1,
            "exp": now + 600,
            "use": "access",
            "scope": "read write",
        }
        assert self.github.keys
        head = {"alg": "Ed25519", "kid": self.github.keys.kid}
        token = jwt.encode(head, claims, self.github.keys, algorithms=["Ed25519"])
        data = None if body is None else json.dumps(body).encode()
        return self._send(method, f"/api/v1/study/{path}", data, {"Authorization": f"Bearer {token}"})

    def check_runs(self, member: int, *, repository: str = "week-1") -> list[str]:
        """Return the titles on the head of a member's pull request, that of the newest check run first."""
        runs = self.github.check_runs(f"{CLUB}/{repository}")
        sha = head_of(member, repository=repository)
        return [run["output"]["title"] for run in runs if run["head_sha"] == sha]

    def has_sent_all(self) -> bool:
        """Return True if no check run is to be sent."""
        return not self._rows("SELECT 1 FROM installations_checkrun WHERE next_attempt_at IS NOT NULL")

    def pass_time(self, table: str, longest: timedelta) -> None:
        """Make due what waits for no longer than that: retries, or also leases."""
        until = datetime.now(UTC) + longest
        self._rows(
            f"UPDATE {table} SET next_attempt_at = '2026-01-01 00:00:00'"
            f" WHERE next_attempt_at < '{until:%Y-%m-%d %H:%M:%S}'"
        )

    @contextmanager
    def second_worker(self) -> Iterator[Process]:
        """Run another worker while the block runs."""
        fresh = self.study.role("worker")
        second = replace(fresh, name="study-worker-2", log=fresh.log.with_name("study-worker-2.log"))
        self.running.processes.append(second)
        try:
            self.running.restart_ended()
            yield second
        finally:
            self.running.processes.remove(second)
            second.end()

    def _pull_request(self, member: int, repository: str) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        author = {"id": 500 + member, "login": f"member-{member}", "type": "User"}
        about = {"id": 900 + int(repository[-1]), "full_name": f"{CLUB}/{repository}"}
        number = number_of(member, repository)
        return {
            "repository": about,
            "sender": author,
            "pull_request": {
                "number": number,
                "id": 1_000_000 + number,
                "html_url": f"https://github.com/{CLUB}/{repository}/pull/{number}",
                "title": "제출합니다",
                "state": "open",
                "draft": False,
                "user": author,
                "created_at": now,
                "updated_at": now,
                "head": {"ref": "main", "sha": head_of(member, repository=repository), "repo": about},
                "base": {"ref": "main", "repo": about},
            },
        }

    def _rows(self, statement: str) -> Sequence[Any]:
        return run_in(self.study.environment, statement)

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        headers = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")


def gateway(folder: Path, web: Process, port: int) -> Process:
    """Return the gateway, as the demo starts it, in front of a web process."""
    environment = {
        "PATH": web.environment["PATH"],
        "GATEWAY_SITE": f"http://:{port}",
        "GATEWAY_STUDY": web.environment["LISTEN"].replace(":", " "),
        "GATEWAY_PAGES": str(ROOT / "deploy/gateway/pages"),
        "GATEWAY_STYLES": str(ROOT / "services/look/look/static/look"),
        "XDG_DATA_HOME": str(folder / "gateway"),
        "XDG_CONFIG_HOME": str(folder / "gateway"),
    }
    config = str(ROOT / "deploy/gateway/Caddyfile")
    command = [str(Path(sys.executable).with_name("caddy")), "run", "--config", config]
    return Process("gateway", command, environment, folder / "gateway.log")


@contextmanager
def running_club(folder: Path) -> Iterator[Club]:
    """Run the club's processes while the block runs."""
    key = OKPKey.generate_key("Ed25519", parameters={"kid": "tests", "use": "sig"}, private=True)
    github = FaultyGitHub(keys=key)
    redis, port = Redis(folder), free_port()
    with serving(github.respond) as github.url, databases(folder, ("study",)) as named:
        settings = {**named["study"], "USERS_URL": github.url, "GITHUB_API_URL": github.url}
        study = services(folder, redis.url, names=("study",), **settings)["study"]
        ids = study.ask(PREPARE, github.pem)
        web, worker = study.role("web"), study.role("worker")
        beat = study.role("beat", DJANGO_SETTINGS_MODULE="processes.quick")
        with supervised(redis, gateway(folder, web, port), web, worker, beat) as running:
            club = Club(github, running, study, worker, ids, f"http://localhost:{port}")
            running.wait_for("the API answers", lambda: _answers(club))
            club.deliver("installation", github.installed())
            yield club


def _answers(club: Club) -> bool:
    try:
        return bool(club.api("GET", "cohorts"))
    except OSError:
        return False
