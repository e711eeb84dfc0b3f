"""Submissions in lists: a member's own, a cohort's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from chassis.web.pagination import Page, page_of
from study.missions.queries.rows import deadline_from_row
from study.missions.rules.deadlines import is_after_deadline
from study.submissions.models import Attempt, Submission, SubmissionQuerySet


@dataclass(frozen=True)
class SubmissionRow:
    """A submission that was read `for_reading`; `is_late` by the deadline in force now."""

    submission: Any
    is_late: bool

    @property
    def handed_in_at(self) -> datetime:
        """Return since when the first attempt counts."""
        since: datetime = self.submission.first_received_at or self.submission.created_at
        return since


def mine(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[SubmissionRow]:
    """Return what this account has handed in, newest first."""
    return _rows(Submission.objects.filter(account_id=account_id), cursor=cursor, size=size)


def of_cohort(
    cohort_id: UUID, *, state: str = "", cursor: str | None = None, size: int = 25
) -> Page[SubmissionRow]:
    """Return what was handed in in a cohort, newest first; in one state, if given."""
    rows = Submission.objects.filter(mission__cohort_id=cohort_id)
    return _rows(rows.filter(state=state) if state else rows, cursor=cursor, size=size)


def _rows(chosen: SubmissionQuerySet, **page: Any) -> Page[SubmissionRow]:
    found = page_of(chosen.for_reading(), order=("-created_at", "-id"), **page)
    return Page([row_of(submission) for submission in found.rows], found.next)


def is_late(submission: Any) -> bool:
    """Return whether even the first attempt came after the deadline in force now.

    `submission` is one that was read `with_lateness` and has its mission.
    """
    deadline = deadline_from_row(submission, base=submission.mission.due_at)
    return is_after_deadline(submission.first_received_at, deadline.at)


def row_of(submission: Any) -> SubmissionRow:
    """Return a submission that was read `for_reading` as a row."""
    return SubmissionRow(submission, is_late(submission))


def mission_annotations(membership_id: UUID) -> dict[str, Any]:
    """Return what a mission shows of the member's submission: the setting MISSION_ANNOTATIONS."""
    all_ = Submission.objects.filter(mission=OuterRef("id"))
    mine = all_.filter(membership=membership_id)
    first = Attempt.objects.filter(submission__mission=OuterRef("id"), number=1)
    return {
        "submission_id": Subquery(mine.values("id")[:1]),
        "submission_state": Subquery(mine.values("state")[:1]),
        "submission_released_at": Subquery(mine.values("released_at")[:1]),
        "submission_received_at": Subquery(
            first.filter(submission__membership=membership_id).values("received_at")[:1]
        ),
        "handed_in": Coalesce(Subquery(all_.values("mission").annotate(n=Count("id")).values("n")), 0),
    }
