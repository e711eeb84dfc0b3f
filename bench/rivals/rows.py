"""From a row of the hand-written SQL to the values of what the API returns, in the order of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from rivals import rules
from rivals.rules import utc

SUBMISSION = (
    "id", "cohort_id", "cohort_title", "mission_id", "mission_title", "week", "account_id", "name",
    "mentor_id", "mentor", "repository", "mission_rule", "number", "url", "state", "was_late", "attempts",
    "points", "max_points", "released_at", "completed_at", "completion", "completion_login",
    "created_at", "is_late", "handed_in_at",
)  # fmt: skip
ATTEMPT = (
    "number", "head_sha", "source", "received_at", "clock", "due_at", "late_seconds", "is_late", "work",
)  # fmt: skip
EVENT = ("kind", "at", "actor", "sha", "before_sha", "text", "count")


def submission_values(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return the values of SUBMISSION."""
    (
        id_, cohort_id, cohort_title, mission_id, mission_title, week, account_id, name, mentor_id, mentor,
        repository, rule, number, url, state, was_late, attempts, points, max_points, released_at,
        completed_at, kind, login, created_at, _due_at, _part_due_at, _extension_hours, received_at,
    ) = row  # fmt: skip
    completed_at = completed_at and utc(completed_at)
    created_at = utc(created_at)
    received_at = received_at and utc(received_at)
    return (
        UUID(id_), UUID(cohort_id), cohort_title, UUID(mission_id), mission_title, week, UUID(account_id),
        name, mentor_id and UUID(mentor_id), mentor, repository, rule, number, url, state, bool(was_late),
        attempts, points, max_points, released_at and utc(released_at), completed_at,
        rules.completion(completed_at, kind), login, created_at,
        received_at is not None and received_at > deadline_of(row), received_at or created_at,
    )  # fmt: skip


def deadline_of(row: Sequence[Any]) -> datetime:
    """Return the deadline of a submission's row."""
    due_at, part_due_at, extension_hours = row[-4:-1]
    return rules.deadline(utc(due_at), part_due_at and utc(part_due_at), extension_hours)


def attempt_values(row: Sequence[Any], deadline: datetime) -> tuple[Any, ...]:
    """Return the values of ATTEMPT. There is no work: the data has pull requests only."""
    number, head_sha, source, received_at, clock, due_at, late_seconds = row
    received_at = utc(received_at)
    clock = rules.clock(head_sha, clock)
    is_late = received_at > deadline
    return number, head_sha, source, received_at, clock, utc(due_at), late_seconds, is_late, None


def timeline(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Return the values of EVENT of each row, oldest first."""
    events = [(kind, utc(at), actor, sha, *others) for kind, at, actor, sha, *others in rows]
    return sorted(events, key=lambda event: rules.timeline_order(event[1], event[0], event[3]))
