"""GitHub with a club's organization, and faults: answers that are late, lost or errors."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from joserfc.jwk import OKPKey

from chassis.testing.github import GitHubServer, installation, repository
from chassis.testing.serving import Request, Response

CLUB = "club"
TEMPLATE = f"{CLUB}/template"
INSTALLATION = 77


@dataclass
class Held:
    """An answer that is held back after the request was obeyed."""

    has_arrived: threading.Event = field(default_factory=threading.Event)
    is_released: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Hold the answer back."""
        self.has_arrived.set()
        self.is_released.wait(120)


# The connection breaks after the request was obeyed.
LOST = "lost"
# An answer instead of obeying, a call before obeying, LOST, or Held.
Fault = tuple[int, dict[str, str], Any] | Callable[[], object] | str | Held


@dataclass
class FaultyGitHub(GitHubServer):
    """The App's GitHub, which creates repositories from a template too; and users' public keys."""

    # What the next requests that match get, in this order.
    faults: list[tuple[re.Pattern[str], Fault]] = field(default_factory=list)
    keys: OKPKey | None = None
    created: dict[str, dict[str, Any]] = field(default_factory=dict)
    invited: list[tuple[str, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def meets(self, request: str, *faults: Fault) -> None:
        """Let requests meet faults. `request` is a regular expression: method, path and body."""
        self.faults += [(re.compile(request), fault) for fault in faults]

    def holds(self, request: str) -> Held:
        """Hold the answer to a request back."""
        self.meets(request, held := Held())
        return held

    def respond(self, request: Request) -> Response:
        """Return an answer, or what the request meets."""
        if request.path == "/.well-known/jwks.json" and self.keys:
            return _json(200, {"keys": [self.keys.as_dict(private=False)]})
        with self._lock:
            fault = self._next_fault(f"{request.method} {request.path} {request.body.decode()}")
            if isinstance(fault, tuple):
                status, headers, body = fault
                return status, headers, json.dumps(body).encode()
            if callable(fault):
                fault()
            answer = self._of_repositories(request) or super().respond(request)
        if isinstance(fault, Held):
            fault.wait()
        return None if fault == LOST else answer

    def installed(self) -> dict[str, Any]:
        """Install the App on the club's organization; return the delivery."""
        may = {"metadata": "read", "pull_requests": "read", "checks": "write", "administration": "write"}
        more = {"repository_selection": "all", "permissions": may}
        repositories = [repository(901, f"{CLUB}/week-1"), repository(902, f"{CLUB}/week-2")]
        self.install(INSTALLATION, CLUB, *repositories, **more)
        return {"action": "created", "installation": installation(INSTALLATION, CLUB, **more)}

    def _next_fault(self, request: str) -> Fault | None:
        for row in self.faults:
            if row[0].search(request):
                self.faults.remove(row)
                return row[1]
        return None

    def _of_repositories(self, request: Request) -> Response:
        path: Sequence[str] = request.path.strip("/").split("/")
        if path[0] != "repos" or "check-runs" in path:
            return None
        if self.installation_of(request.token) is None:
            return _json(401, {"message": "Bad credentials"})
        name = "/".join(path[1:3])
        match (request.method, path[3:]):
            case ("POST", ["generate"]) if name == TEMPLATE:
                return self._generate(json.loads(request.body))
            case ("PUT", ["collaborators", login]) if name in self.created:
                self.invited.append((name, login))
                return _json(201, {"id": len(self.invited)})
            case ("GET", []) if name in self.created:
                return _json(200, self.created[name])
        return None

    def _generate(self, body: dict[str, Any]) -> Response:
        name = f"{body['owner']}/{body['name']}"
        if name in self.created:
            return _json(422, {"message": "Could not clone: Name already exists on this account"})
        self.created[name] = {
            "id": 9_000 + len(self.created),
            "full_name": name,
            "created_at": datetime.now(UTC).isoformat(),
            "template_repository": {"id": 8_999, "full_name": TEMPLATE},
        }
        return _json(201, self.created[name])


def _json(status: int, body: Any) -> Response:
    return status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(body).encode()
