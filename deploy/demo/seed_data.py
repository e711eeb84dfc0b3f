"""The sample data of seed.toml. All people are fictional."""

from __future__ import annotations

import tomllib
import uuid
from dataclasses import dataclass
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


DATA: dict[str, Any] = tomllib.loads(Path(__file__).with_name("seed.toml").read_text(encoding="utf-8"))
PEOPLE = {entry["key"]: Person(**entry) for entry in DATA["people"]}
