"""The story of a submission's pull request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from study.missions.queries import due_of
from study.missions.rules import Due
from study.submissions import rules
from study.submissions.models import Attempt, Kind, Moment, Submission


@dataclass(frozen=True)
class Line:
    """One line of a story. Kind is a Moment's, or "attempt", or "deadline"."""

    kind: str
    at: datetime
    actor: str = ""
    sha: str = ""
    before: str = ""
    text: str = ""
    count: int | None = None
    # Of an attempt: its number, and whether it came after the deadline.
    number: int = 0
    is_late: bool = False


@dataclass(frozen=True)
class Story:
    """A submission from its opening on: oldest line first, newest attempt first."""

    lines: list[Line]
    attempts: list[Attempt]
    due: Due
    # The commit that was before the mentors at the deadline; "" before it, and if there was none.
    sha_at_due: str


def told(submission: Submission) -> tuple[list[Moment], list[Attempt]]:
    """The moments of its pull request and its attempts, both oldest first. Two statements."""
    moments = Moment.objects.filter(pull_id=submission.pull_id).order_by("at", "id")
    return list(moments), list(Attempt.objects.filter(submission=submission).order_by("number"))


def story(submission: Submission, *, at: datetime | None = None) -> Story:
    """The story of a submission as of now, or of `at`. Four statements."""
    moments, attempts = told(submission)
    due = due_of(submission.mission, submission.membership)
    offered = sorted((m for m in moments if m.offered_at), key=lambda m: (m.offered_at or m.at, m.id))
    is_over = due.at < (at or timezone.now())
    sha_at_due = rules.head_at(offered, due.at) if is_over else ""
    lines = [
        *map(_line, moments),
        *(_attempt_line(attempt) for attempt in attempts),
        Line(kind="deadline", at=due.at, sha=sha_at_due, is_late=is_over and not sha_at_due),
    ]
    # Python's sort is stable: of one instant, what happened stands before what we made of it.
    return Story(sorted(lines, key=lambda line: line.at), attempts[::-1], due, sha_at_due)


def _line(moment: Moment) -> Line:
    return Line(
        kind=moment.kind,
        at=moment.at,
        actor=moment.actor,
        sha=moment.sha,
        before=moment.before_sha if moment.kind == Kind.FORCE_PUSHED else "",
        text=moment.text,
        count=moment.count,
    )


def _attempt_line(attempt: Attempt) -> Line:
    return Line(
        kind="attempt",
        at=attempt.received_at,
        sha=attempt.head_sha,
        number=attempt.number,
        is_late=attempt.late_seconds > 0,
    )
