"""The timeline of a submission: events, attempts and the deadline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from study.github.models import EventKind, TimelineEvent
from study.missions.queries.rows import deadline_of
from study.missions.rules.deadlines import Deadline, is_after_deadline
from study.submissions import rules
from study.submissions.models import Attempt, Submission


@dataclass(frozen=True)
class TimelineItem:
    """One item of a timeline. `kind` is an EventKind, "attempt" or "deadline"."""

    kind: str
    at: datetime
    actor: str = ""
    sha: str = ""
    before: str = ""
    text: str = ""
    count: int | None = None
    # Of an attempt: its number, and whether it came after the deadline in force now.
    number: int = 0
    is_late: bool = False


@dataclass(frozen=True)
class AttemptRow:
    """A recorded attempt; `is_late` compares it with the deadline in force now."""

    attempt: Attempt
    is_late: bool


@dataclass(frozen=True)
class Timeline:
    """Items oldest first, attempts newest first."""

    items: list[TimelineItem]
    attempts: list[AttemptRow]
    deadline: Deadline
    # The commit that was reviewable at the deadline; "" before the deadline, or if there was none.
    sha_at_due: str


# GitHub counts in seconds: what can only be first or last in one is shown so, whichever was delivered first.
_RANKS: dict[str, int] = {
    EventKind.OPENED: 0,
    EventKind.DRAFT_OPENED: 0,
    EventKind.CLOSED: 2,
    EventKind.REOPENED: 3,
    EventKind.MERGED: 4,
}


def timeline_events(submission: Submission) -> list[TimelineEvent]:
    """Return the events of the submission's pull request, oldest first."""
    events = TimelineEvent.objects.filter(pull_request=submission.pull_request_id)
    return sorted(events, key=lambda event: (event.at, _RANKS.get(event.kind, 1), event.kind, event.sha))


def attempt_rows(submission: Submission, deadline: Deadline) -> list[AttemptRow]:
    """Return the attempts by number, each late or not by this deadline."""
    return [
        AttemptRow(attempt, is_after_deadline(attempt.received_at, deadline.at))
        for attempt in submission.attempts.order_by("number")
    ]


def timeline(submission: Submission, *, at: datetime) -> Timeline:
    """Return the timeline of a submission as of `at`."""
    events = timeline_events(submission)
    deadline = deadline_of(submission.mission, submission.membership)
    attempts = attempt_rows(submission, deadline)
    heads = [
        (event.reviewable_at, event.sha) for event in events if event.reviewable_at and event.is_github_time
    ]
    heads += [(row.attempt.received_at, row.attempt.head_sha) for row in attempts]
    is_over = deadline.at < at
    sha_at_due = rules.head_at(heads, deadline.at) if is_over else ""
    items = [
        *map(_event_item, events),
        *(_attempt_item(row, after=_arrived_at(events, row.attempt)) for row in attempts),
        TimelineItem(kind="deadline", at=deadline.at, sha=sha_at_due, is_late=is_over and not sha_at_due),
    ]
    # The sort is stable: at the same time, events come before attempts.
    return Timeline(sorted(items, key=lambda item: item.at), attempts[::-1], deadline, sha_at_due)


def _event_item(event: TimelineEvent) -> TimelineItem:
    return TimelineItem(
        kind=event.kind,
        at=event.at,
        actor=event.actor,
        sha=event.sha,
        before=event.before_sha if event.kind == EventKind.FORCE_PUSHED else "",
        text=event.text,
        count=event.count,
    )


def _arrived_at(events: Iterable[TimelineEvent], attempt: Attempt) -> datetime:
    """Return the time of the event that brought the attempt's commit."""
    offered = (event.at for event in events if event.reviewable_at and event.sha == attempt.head_sha)
    return min(offered, default=attempt.received_at)


def _attempt_item(row: AttemptRow, *, after: datetime) -> TimelineItem:
    return TimelineItem(
        kind="attempt",
        # GitHub's clock may be ahead of ours, and nothing is handed in before it is there.
        at=max(row.attempt.received_at, after),
        sha=row.attempt.head_sha,
        number=row.attempt.number,
        is_late=row.is_late,
    )
