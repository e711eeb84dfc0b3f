"""The timeline of a submission: events, attempts and the deadline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from chassis.compiled import compiled
from study.github.models import EventKind, TimelineEvent
from study.memberships.queries import names_by_login
from study.submissions.models import Attempt, Submission


@dataclass(frozen=True)
class TimelineItem:
    """One item of a timeline: a TimelineEvent, an attempt, or the deadline.

    `kind` is an EventKind, "attempt" or "deadline". `name` is that of the event's actor, "" if no member has
    their GitHub login.
    """

    kind: str
    at: datetime
    event: TimelineEvent | None = None
    attempt: Attempt | None = None
    name: str = ""


@dataclass(frozen=True)
class Timeline:
    """Items oldest first, attempts newest first."""

    items: list[TimelineItem]
    attempts: list[Attempt]
    # The commit that was reviewable at the deadline; "" if nothing was; None before the deadline, and if
    # it was no commit.
    sha_at_deadline: str | None

    @property
    def works(self) -> list[Attempt]:
        """Return the attempts that were sent to Seodang, newest first."""
        return [attempt for attempt in self.attempts if attempt.head_sha is None]


# GitHub counts in seconds: what can only be first or last in one is shown so, whichever was delivered first.
_RANKS: dict[str, int] = {
    EventKind.OPENED: 0,
    EventKind.DRAFT_OPENED: 0,
    EventKind.CLOSED: 2,
    EventKind.REOPENED: 3,
    EventKind.MERGED: 4,
}


@compiled
def _events(*, submission_id: UUID) -> QuerySet[TimelineEvent]:
    return TimelineEvent.objects.filter(pull_request__submission=submission_id)


def timeline_events(submission_id: UUID) -> list[TimelineEvent]:
    """Return the events of the submission's pull request, oldest first."""
    events = _events(submission_id=submission_id)
    return sorted(events, key=lambda event: (event.at, _RANKS.get(event.kind, 1), event.kind, event.sha))


def timeline(submission: Submission, *, at: datetime) -> Timeline:
    """Return the timeline of a submission as of `at`."""
    due_at = submission.deadline.at
    events = timeline_events(submission.id)
    attempts = list(submission.attempts.with_work().order_by("number"))
    names = names_by_login(submission.mission.cohort_id, {event.actor.lower() for event in events})
    items = [
        *(
            TimelineItem(event.kind, event.at, event=event, name=names.get(event.actor.lower(), ""))
            for event in events
        ),
        *(TimelineItem("attempt", _shown_at(attempt, events), attempt=attempt) for attempt in attempts),
        TimelineItem("deadline", due_at),
    ]
    return Timeline(
        # The sort is stable: at the same time, events come before attempts.
        items=sorted(items, key=lambda item: item.at),
        attempts=attempts[::-1],
        sha_at_deadline=_sha_at(due_at, events, attempts) if due_at < at else None,
    )


def _shown_at(attempt: Attempt, events: Iterable[TimelineEvent]) -> datetime:
    """Return the attempt's time, but not before the event that brought its commit: clocks differ."""
    offered = (event.at for event in events if event.reviewable_at and event.sha == attempt.head_sha)
    return max(attempt.received_at, min(offered, default=attempt.received_at))


def _sha_at(due_at: datetime, events: Iterable[TimelineEvent], attempts: Iterable[Attempt]) -> str | None:
    """Return the commit that was reviewable at the deadline; "" if nothing was, None if it was no commit."""
    heads: list[tuple[datetime, str | None]] = [
        (event.reviewable_at, event.sha) for event in events if event.reviewable_at and event.is_github_time
    ]
    heads += [(attempt.received_at, attempt.head_sha) for attempt in attempts]
    by_then = (head for head in heads if head[0] <= due_at)
    return max(by_then, key=lambda head: (head[0], head[1] or ""), default=(due_at, ""))[1]
