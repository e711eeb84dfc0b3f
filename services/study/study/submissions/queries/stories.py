"""The story of a submission's pull request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, CharField, DateTimeField, IntegerField, Value

from study.missions.queries import due_of
from study.missions.rules import Due, came_late
from study.submissions import rules
from study.submissions.models import Attempt, Clock, Kind, Moment, Submission


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
    # Of an attempt: its number, and whether it came after the deadline in force now.
    number: int = 0
    is_late: bool = False


@dataclass(frozen=True)
class Judged:
    """An attempt as the record has it, and `is_late`: whether it is late by the deadline in force now."""

    number: int
    head_sha: str
    source: str
    received_at: datetime
    # Which time `received_at` is, one of Clock; None for ours, kept by a release that told none apart.
    clock: str | None
    due_at: datetime
    late_seconds: int
    is_late: bool

    @property
    def clock_label(self) -> str:
        """Which time counted, in words."""
        return str(Clock(self.clock or Clock.SEEN).label)


@dataclass(frozen=True)
class Story:
    """A submission from its opening on: oldest line first, newest attempt first."""

    lines: list[Line]
    attempts: list[Judged]
    due: Due
    # The commit that was before the mentors at the deadline; "" before it, and if there was none.
    sha_at_due: str


_ATTEMPT = "attempt"
_WORD, _TIME = Value("", output_field=CharField()), Value(None, output_field=DateTimeField())
# GitHub counts in seconds: what can only be first or last in one is shown so, whichever was delivered first.
_RANKS = {Kind.OPENED: 0, Kind.DRAFT_OPENED: 0, Kind.CLOSED: 2, Kind.REOPENED: 3, Kind.MERGED: 4}
_NONE, _UNSAID = Value(None, output_field=IntegerField()), Value(None, output_field=BooleanField(null=True))


def told(submission: Submission) -> tuple[list[Moment], list[Attempt]]:
    """The moments of its pull request and its attempts, both oldest first, not to be saved. One statement."""
    moments = Moment.objects.filter(pull_id=submission.pull_id).values_list(
        *("kind", "at", "id", "sha", "count", "actor", "before_sha", "text", "offered_at"),
        "offered_by_github",
        _WORD,
        _TIME,
        _NONE,
        _WORD,
    )
    attempts = Attempt.objects.filter(submission=submission).values_list(
        *(Value(_ATTEMPT, output_field=CharField()), "received_at", "number", "head_sha", _NONE),
        *(_WORD, _WORD, _WORD, _TIME, _UNSAID, "source", "due_at", "late_seconds", "clock"),
    )
    rows = sorted(
        moments.union(attempts, all=True), key=lambda row: (row[1], _RANKS.get(row[0], 1), *row[:4:3])
    )
    return (
        [_moment(submission, row) for row in rows if row[0] != _ATTEMPT],
        sorted((_attempt(submission, row) for row in rows if row[0] == _ATTEMPT), key=lambda one: one.number),
    )


def _moment(submission: Submission, row: tuple[Any, ...]) -> Moment:
    kind, at, row_id, sha, count, actor, before_sha, text, offered_at, by_github, *_rest = row
    return Moment(
        id=row_id,
        pull_id=submission.pull_id,
        kind=kind,
        at=at,
        sha=sha,
        count=count,
        actor=actor,
        before_sha=before_sha,
        text=text,
        offered_at=offered_at,
        offered_by_github=by_github,
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


def story(submission: Submission, *, at: datetime) -> Story:
    """The story of a submission as of `at`. One statement if it came through access, else two."""
    moments, recorded = told(submission)
    due = due_of(submission.mission, submission.membership)
    attempts = judged(recorded, due)
    heads = [(m.offered_at, m.sha) for m in moments if m.offered_at and m.offered_by_github]
    heads += [(attempt.received_at, attempt.head_sha) for attempt in recorded]
    is_over = due.at < at
    sha_at_due = rules.head_at(heads, due.at) if is_over else ""
    lines = [
        *map(_line, moments),
        *(_attempt_line(attempt, after=_coming(moments, attempt)) for attempt in attempts),
        Line(kind="deadline", at=due.at, sha=sha_at_due, is_late=is_over and not sha_at_due),
    ]
    # Python's sort is stable: of one instant, what happened stands before what we made of it.
    return Story(sorted(lines, key=lambda line: line.at), attempts[::-1], due, sha_at_due)


def judged(attempts: Iterable[Attempt], due: Due) -> list[Judged]:
    """The attempts, each late or not by this deadline. No statement."""
    return [
        Judged(
            number=one.number,
            head_sha=one.head_sha,
            source=one.source,
            received_at=one.received_at,
            clock=one.clock,
            due_at=one.due_at,
            late_seconds=one.late_seconds,
            is_late=came_late(one.received_at, due.at),
        )
        for one in attempts
    ]


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


def _coming(moments: list[Moment], attempt: Judged) -> datetime:
    """When GitHub says that the attempt's commit came."""
    offered = (m.at for m in moments if m.offered_at and m.sha == attempt.head_sha)
    return min(offered, default=attempt.received_at)


def _attempt_line(attempt: Judged, *, after: datetime) -> Line:
    return Line(
        kind="attempt",
        # GitHub's clock may be ahead of ours, and nothing is handed in before it is there.
        at=max(attempt.received_at, after),
        sha=attempt.head_sha,
        number=attempt.number,
        is_late=attempt.is_late,
    )
