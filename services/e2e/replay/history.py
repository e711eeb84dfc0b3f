"""The history of a repository's pull requests, as a file of JSON objects, one per pull request.

Fields: number, author, head_ref, base_ref, title, commits_at, merged_at, and mission: the label of the
mission that it was for, or null. Where every label is like A/WEEK 12, it is mission "WEEK 12" of cohort A.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PullRequest:
    """A pull request. Git does not keep when it was opened: the last commit's time is taken."""

    number: int
    author: str
    head_ref: str
    base_ref: str
    title: str
    opened_at: datetime
    merged_at: datetime | None
    cohort: str
    mission: str


@dataclass(frozen=True)
class Mission:
    """A mission of a cohort. It opens when the first pull request of the one before it was merged."""

    cohort: str
    title: str
    opens_at: datetime
    due_at: datetime


def read_history(path: Path) -> list[PullRequest]:
    """Return the pull requests, oldest first; those without an author were never merged and are left out."""
    rows = [row for row in json.loads(path.read_text(encoding="utf-8")) if row["author"]]
    labels = [row["mission"] for row in rows if row["mission"]]
    has_cohorts = bool(labels) and all("/" in label for label in labels)
    pull_requests = [_pull_request(row, has_cohorts=has_cohorts) for row in rows]
    return sorted(pull_requests, key=lambda found: (found.opened_at, found.number))


def _pull_request(row: dict[str, Any], *, has_cohorts: bool) -> PullRequest:
    label = row["mission"] or ""
    cohort, _separator, mission = label.partition("/") if has_cohorts else ("", "", label)
    return PullRequest(
        number=row["number"],
        author=row["author"],
        head_ref=row["head_ref"] or "",
        base_ref=row["base_ref"] or "",
        title=row["title"] or "",
        opened_at=max(map(datetime.fromisoformat, row["commits_at"])),
        merged_at=datetime.fromisoformat(row["merged_at"]) if row["merged_at"] else None,
        cohort=cohort,
        mission=mission,
    )


def missions_of(pull_requests: list[PullRequest]) -> list[Mission]:
    """Return the labels as missions: in the order of their first merge, each due when the next one opens."""
    merges: dict[tuple[str, str], list[datetime]] = {}
    for pull_request in pull_requests:
        if pull_request.mission and pull_request.merged_at:
            merges.setdefault((pull_request.cohort, pull_request.mission), []).append(pull_request.merged_at)
    missions = []
    for cohort in dict.fromkeys(cohort for cohort, _title in merges):
        titles = sorted(
            (title for name, title in merges if name == cohort), key=lambda t: min(merges[cohort, t])
        )
        first = min(
            found.opened_at for found in pull_requests if (found.cohort, found.mission) == (cohort, titles[0])
        )
        opens_at = first - timedelta(days=7)
        for title in titles:
            closes_at = min(merges[cohort, title])
            # Members submit late: the last due date ends the cohort.
            due_at = max(*merges[cohort, title], opens_at + timedelta(days=1))
            missions.append(Mission(cohort, title, opens_at, due_at))
            opens_at = closes_at
    return missions
