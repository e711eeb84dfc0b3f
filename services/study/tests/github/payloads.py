"""GitHub's payloads for tests: trimmed to the fields that are read, and bent to a test's need."""

from __future__ import annotations

import json
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chassis.testing import NOW
from study.github.models import Repository
from study.github.rules.parsing import parse_event
from study.github.rules.payloads import GitHubEvent
from study.missions.models import Mission

FIXTURES = Path(__file__).parent / "fixtures"
REPOSITORY = "ceos-developers/django-vote-15th"
REPOSITORY_ID = 900015
A, B, C = "a" * 40, "b" * 40, "c" * 40


def fixture(name: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return payload


def parse(event_type: str, payload: Any) -> tuple[str, GitHubEvent | None]:
    """The action and the event of a delivery of that payload."""
    return parse_event(event_type, json.dumps(payload))


def minutes(n: float) -> datetime:
    """So many minutes after Ada opened her pull request, which was two minutes before NOW."""
    return NOW + timedelta(minutes=n - 2)


def isoformat(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def person(github_id: int, login: str, kind: str = "User") -> dict[str, Any]:
    return {"id": github_id, "login": login, "type": kind}


ADA_ON_GITHUB = person(101, "ada-codes")
BORIS_ON_GITHUB = person(102, "boris-reviews")
# Has write access on GitHub, and is nobody here.
CAROL = person(900, "carol-maintains")


def pull_request(action: str = "opened", *, at: float = 0, sha: str = A, **changes: Any) -> dict[str, Any]:
    """A pull_request delivery about a fork's pull request; `changes` go into its pull_request object."""
    payload = fixture("pull_request.fork")
    payload["action"] = action
    about = payload["pull_request"]
    about["updated_at"] = isoformat(minutes(at))
    about["head"]["sha"] = sha
    for name in ("before", "requested_reviewer", "requested_team", "sender"):
        if name in changes:
            payload[name] = changes.pop(name)
    if repository := changes.pop("repository", None):
        # Another name is another repository, unless a test says that it is the same one.
        known = changes.pop("repository_id", zlib.crc32(repository.encode()))
        for where in (payload["repository"], about["base"]["repo"]):
            where.update(id=known, full_name=repository)
    if "number" in changes:
        about["id"] = 1_000_000 + changes["number"]
        about["html_url"] = f"https://github.com/CEOS-Developers/django-vote-15th/pull/{changes['number']}"
    about.update(changes)
    return payload


def push(before: str, after: str, *, at: float, **changes: Any) -> dict[str, Any]:
    return pull_request("synchronize", at=at, sha=after, before=before, **changes)


def closed(*, at: float, sha: str = A, merged: bool = False, **changes: Any) -> dict[str, Any]:
    when = isoformat(minutes(at))
    ends: dict[str, Any] = {"state": "closed", "closed_at": when}
    if merged:
        ends |= {"merged_at": when, "merge_commit_sha": "d" * 40, "merged_by": BORIS_ON_GITHUB}
    return pull_request("closed", at=at, sha=sha, sender=BORIS_ON_GITHUB, **ends, **changes)


def merged(*, at: float = 4, by: dict[str, Any] = BORIS_ON_GITHUB, **changes: Any) -> dict[str, Any]:
    """A pull_request delivery of the merge, by Boris unless said otherwise."""
    payload = closed(at=at, merged=True, **changes)
    payload["sender"] = payload["pull_request"]["merged_by"] = by
    return payload


def review(
    state: str,
    *,
    at: float,
    sha: str = A,
    review_id: int = 7001,
    by: dict[str, Any] | None = None,
    body: str | None = "",
    association: str | None = "NONE",
    action: str = "submitted",
    **changes: Any,
) -> dict[str, Any]:
    """A pull_request_review delivery, by Boris unless said otherwise."""
    payload = pull_request(action, at=at, sha=sha, **changes)
    reviewer = BORIS_ON_GITHUB if by is None else by
    payload["sender"] = reviewer
    payload["review"] = {
        "id": review_id,
        "user": reviewer,
        "state": state,
        "body": body,
        "commit_id": sha,
        "submitted_at": isoformat(minutes(at)),
    }
    if association is not None:
        payload["review"]["author_association"] = association
    del payload["pull_request"]["draft"]
    return payload


def suite(
    conclusion: str, *, sha: str = A, suite_id: int = 51, count: int | None = 4, began: float = 6
) -> dict[str, Any]:
    payload = fixture("check_suite.completed")
    payload["repository"].update(id=REPOSITORY_ID, full_name=REPOSITORY)
    about = payload["check_suite"]
    about.update(id=suite_id, head_sha=sha, conclusion=conclusion, updated_at=isoformat(minutes(6)))
    about["created_at"] = isoformat(minutes(began))
    about["latest_check_runs_count"] = count
    return payload


def run(conclusion: str, *, sha: str = A, suite_id: int = 51, run_id: int = 61) -> dict[str, Any]:
    payload = fixture("check_run.completed")
    payload["repository"].update(id=REPOSITORY_ID, full_name=REPOSITORY)
    about = payload["check_run"]
    about.update(id=run_id, head_sha=sha, conclusion=conclusion, completed_at=isoformat(minutes(5)))
    about["check_suite"].update(id=suite_id, created_at=isoformat(minutes(5)))
    about["name"] = "test / pytest"
    return payload


def repository(
    action: str, *, at: float, name: str = REPOSITORY, was: str = "", **changes: Any
) -> dict[str, Any]:
    """A repository delivery about the mission's repository; `was` is the name, or the owner, before."""
    payload = fixture(f"repository.{action}")
    payload["repository"].update(
        id=REPOSITORY_ID, full_name=name, updated_at=isoformat(minutes(at)), **changes
    )
    if action == "renamed":
        payload["changes"]["repository"]["name"]["from"] = was
    if action == "transferred":
        payload["changes"]["owner"]["from"] = {"organization": {"login": was, "id": 77}}
    return payload


def make_mission(club: SimpleNamespace, *, repository: str = REPOSITORY, **changes: Any) -> Mission:
    """Django-vote, due tomorrow."""
    cohort = changes.get("cohort", club.cohort)
    watched, _is_new = Repository.objects.get_or_create(cohort=cohort, name=repository)
    fields = {
        "cohort": cohort,
        "part": club.backend,
        "week": club.weeks[2],
        "title": "django-vote",
        "github_repository": watched,
        "opens_at": NOW - timedelta(days=7),
        "due_at": NOW + timedelta(days=1),
        "created_at": NOW - timedelta(days=8),
    }
    return Mission.objects.create(**{**fields, **changes})
