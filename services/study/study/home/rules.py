"""Statuses of missions for a member, and the current week. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from study.missions.rules import display_status

# Target time for a first review.
REVIEW_TARGET = timedelta(hours=24)


@dataclass(frozen=True)
class SubmissionFacts:
    """A member's submission to a mission, as far as the read models need it."""

    id: UUID
    state: str
    # When its first attempt was received.
    received_at: datetime | None
    released: bool


def compute_status(
    submission: SubmissionFacts | None, *, opens_at: datetime, due_at: datetime, now: datetime
) -> str:
    """Return the status of a mission for one member, as used by `{% state "submission" … %}`."""
    return display_status(
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
    """Return the urgency of a status; a cell shows the mission with the highest."""
    return _BY_URGENCY.index(status)


def is_actionable(status: str) -> bool:
    """Return True if the member has to act."""
    return status in {"not_yet", "missing", "changes_requested", "closed"}


def is_handed_in(submission: SubmissionFacts | None) -> bool:
    """Return True if there is work to grade; a closed pull request counts only if it was reviewed."""
    return submission is not None and (submission.state != "closed" or submission.released)


def is_missing(
    submission: SubmissionFacts | None, *, opens_at: datetime, due_at: datetime, now: datetime
) -> bool:
    """Return True if the member's deadline has passed without a submission."""
    return not is_handed_in(submission) and now > due_at and now >= opens_at


def is_overdue(waits_since: datetime | None, now: datetime) -> bool:
    """Return True if a submission has waited for a mentor longer than REVIEW_TARGET."""
    return waits_since is not None and now - waits_since > REVIEW_TARGET


@dataclass(frozen=True)
class WeekDay:
    """A week's number and first day."""

    number: int
    starts_on: date


def current_week(weeks: Sequence[WeekDay], today: date) -> WeekDay | None:
    """Return the last week that has begun; None before the first, and from 14 days after the last began.

    `weeks` are in order; `today` is in the cohort's time zone.
    """
    begun = [week for week in weeks if week.starts_on <= today]
    if not begun or today >= begun[-1].starts_on + timedelta(days=14):
        return None
    return begun[-1]


# OWASP's list for CSV injection; Excel in East Asian locales treats full-width signs alike.
_FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")


def safe_cell(text: str) -> str:
    """Escape text that a spreadsheet would run as a formula."""
    return f"'{text}" if text[:1] in _FORMULA_SIGNS else text
