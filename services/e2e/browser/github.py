"""GitHub as it delivers: its own example payload, with the person and the repository set to ours, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import uuid
import zlib
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from browser.demo import ROOT

_TRIMMED = ROOT / "services/study/tests/hooks/fixtures"


def example(event: str, action: str) -> dict[str, Any]:
    """GitHub's example of a delivery: whole where OCTOKIT_EXAMPLES names its folder, else trimmed."""
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
    """One hook's sender, and the member whose pull request it tells of."""

    address: str
    secret: str
    repository: str
    login: str
    github_id: int

    def deliver(self, event: str, action: str, **changes: Any) -> str:
        """Send that delivery, as of now. Returns what came of it; `changes` go into its pull_request."""
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
        return self.send(event, payload)

    def send(self, event: str, payload: dict[str, Any]) -> str:
        """Post it, signed. Returns its outcome. HTTPError if it is refused."""
        body = json.dumps(payload).encode()
        signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/e2e",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        request = Request(self.address, body, headers, method="POST")
        with urlopen(request, timeout=30) as answer:
            return str(json.load(answer)["outcome"])
