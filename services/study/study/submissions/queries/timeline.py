"""The timeline of a submission: events, attempts and the deadline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, CharField, DateTimeField, IntegerField, Value

from study.github.models import EventKind, TimelineEvent
from study.missions.queries.rows import deadline_of
from study.missions.rules.deadlines import Deadline, is_after_deadline
from study.submissions import rules
from study.submissions.models import Attempt, Clock, Submission


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

    number: int
    head_sha: str
    source: str
    received_at: datetime
    # Which time `received_at` is, one of Clock; None for ours, stored by a release that had one clock only.
    clock: str | None
    due_at: datetime
    late_seconds: int
    is_late: bool

    @property
    def clock_label(self) -> str:
        """Which time counted, in words."""
        return str(Clock(self.clock or Clock.SEEN).label)


@dataclass(frozen=True)
class Timeline:
    """Items oldest first, attempts newest first."""

    items: list[TimelineItem]
    attempts: list[AttemptRow]
    deadline: Deadline
    # The commit that was reviewable at the deadline; "" before the deadline, or if there was none.
    sha_at_due: str


_ATTEMPT = "attempt"
_TEXT, _TIME = Value("", output_field=CharField()), Value(None, output_field=DateTimeField())
# GitHub counts in seconds: what can only be first or last in one is shown so, whichever was delivered first.
_RANKS = {
    EventKind.OPENED: 0,
    EventKind.DRAFT_OPENED: 0,
    EventKind.CLOSED: 2,
    EventKind.REOPENED: 3,
    EventKind.MERGED: 4,
}
_NONE, _UNKNOWN = Value(None, output_field=IntegerField()), Value(None, output_field=BooleanField(null=True))


def timeline_records(submission: Submission) -> tuple[list[TimelineEvent], list[Attempt]]:
    """Timeline events and attempts, both oldest first, as unsaved instances. One statement."""
    timeline_events = TimelineEvent.objects.filter(pull_request_id=submission.pull_request_id).values_list(
        *("kind", "at", "id", "sha", "count", "actor", "before_sha", "text", "reviewable_at"),
        "is_github_time",
        _TEXT,
        _TIME,
        _NONE,
        _TEXT,
    )
    attempts = Attempt.objects.filter(submission=submission).values_list(
        *(Value(_ATTEMPT, output_field=CharField()), "received_at", "number", "head_sha", _NONE),
        *(_TEXT, _TEXT, _TEXT, _TIME, _UNKNOWN, "source", "due_at", "late_seconds", "clock"),
    )
    rows = sorted(
        timeline_events.union(attempts, all=True), key=lambda row: (row[1], _RANKS.get(row[0], 1), *row[:4:3])
    )
    return (
        [_timeline_event(submission, row) for row in rows if row[0] != _ATTEMPT],
        sorted(
            (_attempt(submission, row) for row in rows if row[0] == _ATTEMPT),
            key=lambda attempt: attempt.number,
        ),
    )


def _timeline_event(submission: Submission, row: tuple[Any, ...]) -> TimelineEvent:
    kind, at, row_id, sha, count, actor, before_sha, text, reviewable_at, by_github, *_rest = row
    return TimelineEvent(
        id=row_id,
        pull_request_id=submission.pull_request_id,
        kind=kind,
        at=at,
        sha=sha,
        count=count,
        actor=actor,
        before_sha=before_sha,
        text=text,
        reviewable_at=reviewable_at,
        is_github_time=by_github,
    )


def _attempt(submission: Submission, row: tuple[Any, ...]) -> Attempt:
    _kind, received_at, number, head_sha, *_rest, source, due_at, late_seconds, clock = row
    return Attempt(
        submission=submission,
        number=number,
        head_sha=head_sha,
        source=source,
        received_at=received_at,
        due_at=due_at,
        late_seconds=late_seconds,
        clock=clock,
    )


def timeline(submission: Submission, *, at: datetime) -> Timeline:
    """The timeline of a submission as of `at`. One statement if read through access, else two."""
    timeline_events, recorded = timeline_records(submission)
    deadline = deadline_of(submission.mission, submission.membership)
    attempts = attempt_rows(recorded, deadline)
    heads = [(m.reviewable_at, m.sha) for m in timeline_events if m.reviewable_at and m.is_github_time]
    heads += [(attempt.received_at, attempt.head_sha) for attempt in recorded]
    is_over = deadline.at < at
    sha_at_due = rules.head_at(heads, deadline.at) if is_over else ""
    items = [
        *map(_timeline_item, timeline_events),
        *(_attempt_item(attempt, after=_arrived_at(timeline_events, attempt)) for attempt in attempts),
        TimelineItem(kind="deadline", at=deadline.at, sha=sha_at_due, is_late=is_over and not sha_at_due),
    ]
    # The sort is stable: at the same time, events come before attempts.
    return Timeline(sorted(items, key=lambda item: item.at), attempts[::-1], deadline, sha_at_due)


def attempt_rows(attempts: Iterable[Attempt], deadline: Deadline) -> list[AttemptRow]:
    """The attempts, each late or not by this deadline. No statement."""
    return [
        AttemptRow(
            number=attempt.number,
            head_sha=attempt.head_sha,
            source=attempt.source,
            received_at=attempt.received_at,
            clock=attempt.clock,
            due_at=attempt.due_at,
            late_seconds=attempt.late_seconds,
            is_late=is_after_deadline(attempt.received_at, deadline.at),
        )
        for attempt in attempts
    ]


def _timeline_item(timeline_event: TimelineEvent) -> TimelineItem:
    return TimelineItem(
        kind=timeline_event.kind,
        at=timeline_event.at,
        actor=timeline_event.actor,
        sha=timeline_event.sha,
        before=timeline_event.before_sha if timeline_event.kind == EventKind.FORCE_PUSHED else "",
        text=timeline_event.text,
        count=timeline_event.count,
    )


def _arrived_at(timeline_events: list[TimelineEvent], attempt: AttemptRow) -> datetime:
    """Return the time of the event that brought the attempt's commit."""
    offered = (m.at for m in timeline_events if m.reviewable_at and m.sha == attempt.head_sha)
    return min(offered, default=attempt.received_at)


def _attempt_item(attempt: AttemptRow, *, after: datetime) -> TimelineItem:
    return TimelineItem(
        kind="attempt",
        # GitHub's clock may be ahead of ours, and nothing is handed in before it is there.
        at=max(attempt.received_at, after),
        sha=attempt.head_sha,
        number=attempt.number,
        is_late=attempt.is_late,
    )
