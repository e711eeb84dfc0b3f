"""What a member has to do, and how a mission stands for one of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from study.missions.rules import shown_state

# The aim is a first answer within a day.
REVIEW_TARGET = timedelta(hours=24)


@dataclass(frozen=True)
class SubmissionFacts:
    """A member's submission to a mission, as far as the pictures need it."""

    id: UUID
    state: str
    # When its first attempt reached us.
    received_at: datetime | None
    released: bool


def compute_status(
    submission: SubmissionFacts | None, *, opens_at: datetime, due_at: datetime, now: datetime
) -> str:
    """How a mission stands for one member, as the word of `{% state "submission" … %}`."""
    return shown_state(
        state=submission.state if submission else None,
        received_at=submission.received_at if submission else None,
        released=submission is not None and submission.released,
        opens_at=opens_at,
        due_at=due_at,
        at=now,
    )


_BY_URGENCY = ["", "not_yet", "merged", "released", "approved", "waiting", "resubmitted", "late"]
_BY_URGENCY += ["changes_requested", "closed", "missing"]


def urgency(status: str) -> int:
    """Which of a week's missions a cell shows: the one that most needs a look has the highest figure."""
    return _BY_URGENCY.index(status)


def is_actionable(status: str) -> bool:
    """Whether it is for the member to act."""
    return status in {"not_yet", "missing", "changes_requested", "closed"}


def is_handed_in(submission: SubmissionFacts | None) -> bool:
    """Whether there is work to judge: a pull request that was closed counts only if it was reviewed."""
    return submission is not None and (submission.state != "closed" or submission.released)


def is_missing(
    submission: SubmissionFacts | None, *, opens_at: datetime, due_at: datetime, now: datetime
) -> bool:
    """Whether the deadline that binds the member has passed and nothing is handed in."""
    return not is_handed_in(submission) and now > due_at and now >= opens_at


def is_overdue(waits_since: datetime | None, now: datetime) -> bool:
    """Whether a submission has waited for a mentor longer than the aim."""
    return waits_since is not None and now - waits_since > REVIEW_TARGET


@dataclass(frozen=True)
class WeekDay:
    """A week of the programme by its number and first day."""

    number: int
    starts_on: date


def current_week(weeks: Sequence[WeekDay], today: date) -> WeekDay | None:
    """The week that has begun last; None before the first, and after the last has been over for a week.

    `weeks` in order; `today` in the cohort's zone.
    """
    begun = [week for week in weeks if week.starts_on <= today]
    if not begun or today >= begun[-1].starts_on + timedelta(days=14):
        return None
    return begun[-1]


# OWASP's list for CSV injection; Excel in an East Asian language reads the full-width signs as the others.
_FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")


def safe_cell(text: str) -> str:
    """Text that a spreadsheet shows and does not calculate: a formula in a name must not run."""
    return f"'{text}" if text[:1] in _FORMULA_SIGNS else text
