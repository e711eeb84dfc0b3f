"""Signed GitHub webhooks: GitHub's example payloads with our people and repositories."""

from __future__ import annotations

import json
import os
import zlib
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from browser.demo import ROOT
from chassis.testing.github import signed_delivery

_TRIMMED = ROOT / "services/study/tests/github/fixtures"


def example(event: str, action: str) -> dict[str, Any]:
    """Return GitHub's example payload: complete from the folder OCTOKIT_EXAMPLES, else a trimmed copy."""
    if folder := os.environ.get("OCTOKIT_EXAMPLES"):
        index = json.loads((Path(folder) / "index.json").read_text(encoding="utf-8"))
        examples = next(entry["examples"] for entry in index if entry["name"] == event)
        payload = next(example for example in examples if example["action"] == action)
    else:
        payload = json.loads((_TRIMMED / f"{event}.{action}.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = deepcopy(payload)
    return found


@dataclass(frozen=True)
class GitHub:
    """Sends the webhooks of one member's pull request."""

    address: str
    secret: str
    repository: str
    login: str
    github_id: int

    def deliver(self, event: str, action: str, **changes: Any) -> str:
        """Send a delivery with current times and return its outcome. `changes` update its pull_request."""
        return self.send(event, self.payload(event, action, **changes))

    def payload(self, event: str, action: str, **changes: Any) -> dict[str, Any]:
        """Return a payload with current times. `changes` update its pull_request."""
        payload = example(event, action)
        pull = payload["pull_request"]
        author = {"id": self.github_id, "login": self.login}
        pull["user"].update(author)
        if payload.get("sender", {}).get("login") == "Codertocat":
            payload["sender"].update(author)
        for holder in (payload["repository"], pull["base"]["repo"]):
            known = zlib.crc32(self.repository.encode())
            holder.update(id=known, full_name=self.repository, name=self.repository.partition("/")[2])
        pull["html_url"] = f"https://github.com/{self.repository}/pull/{pull['number']}"
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        pull.update(created_at=now, updated_at=now)
        pull.update(changes)
        return payload

    def send(self, event: str, payload: dict[str, Any]) -> str:
        """Sign and post a payload; return the outcome. Raise HTTPError if it is rejected."""
        body, headers = signed_delivery(event, payload, secret=self.secret)
        headers |= {"Content-Type": "application/json", "User-Agent": "GitHub-Hookshot/e2e"}
        request = Request(self.address, body, headers, method="POST")
        with urlopen(request, timeout=30) as answer:
            return str(json.load(answer)["outcome"])
