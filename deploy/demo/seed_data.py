"""The sample data of seed.toml, and what GitHub would send of it. All people are fictional."""

from __future__ import annotations

import tomllib
import uuid
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

NAMESPACE = uuid.UUID("5e0da6c1-0000-4000-8000-000000000016")


@dataclass(frozen=True)
class Person:
    """A person and their place in the cohort. Without a github_id no GitHub account is linked."""

    key: str
    name: str
    role: str
    part: str = ""
    team: str = ""
    login: str = ""
    github_id: int | None = None

    @property
    def account_id(self) -> uuid.UUID:
        return uuid.uuid5(NAMESPACE, self.key)

    @property
    def linked_login(self) -> str:
        return self.login if self.github_id else ""

    @property
    def github_user(self) -> dict[str, Any]:
        """The person in GitHub's payloads, also if the account is not linked."""
        unlinked_id = 92_000_000 + zlib.crc32(self.login.encode()) % 1_000_000
        return {"id": self.github_id or unlinked_id, "login": self.login, "type": "User"}


def open_pull_request(
    repository: str, number: int, title: str, author: dict[str, Any], at: datetime
) -> dict[str, Any]:
    """Return a pull request in GitHub's payloads, opened from a fork whose branch is the author's login."""
    login, url = author["login"], f"https://github.com/{repository}/pull/{number}"
    fork = {"full_name": f"{login}/{repository.partition('/')[2]}"}
    unique = zlib.crc32(url.encode())
    return {
        "number": number,
        "id": unique,
        "html_url": url,
        "title": title,
        "state": "open",
        "draft": False,
        "user": author,
        "created_at": at.isoformat(),
        "updated_at": at.isoformat(),
        "head": {"ref": login, "sha": f"{unique:08x}{'a' * 32}", "repo": fork},
        "base": {"ref": login, "repo": {"id": zlib.crc32(repository.encode()), "full_name": repository}},
    }


def delivery(
    action: str, pull_request: dict[str, Any], sender: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """Return the payload of a webhook about a pull request."""
    repository, number = pull_request["base"]["repo"], pull_request["number"]
    payload = {"action": action, "number": number, "repository": repository, "sender": sender}
    return {**payload, "pull_request": pull_request, **more}


DATA: dict[str, Any] = tomllib.loads(Path(__file__).with_name("seed.toml").read_text(encoding="utf-8"))
# By part: what its pull requests change.
CHANGED_FILES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("changed_files.toml").read_text(encoding="utf-8")
)
PEOPLE = {entry["key"]: Person(**entry) for entry in DATA["people"]}
