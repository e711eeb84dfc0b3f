"""Submissions in lists: a member's own, a cohort's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chassis.web.pagination import PAGE_SIZE, Page, clamped, page_from, position
from study.submissions.models import Attempt, Submission
from study.submissions.queries.list_sql import newest_submissions
from study.submissions.queries.rows import SubmissionRow

NEWEST_FIRST = ("-created_at", "-id")


def _newest(filters: dict[str, UUID | str], *, cursor: str | None, size: int) -> Page[SubmissionRow]:
    size = clamped(size)
    after = position(cursor, Submission, NEWEST_FIRST) if cursor else ()
    rows = newest_submissions(filters, after=after, limit=size + 1)
    return page_from(rows, size, Submission, NEWEST_FIRST)


def list_own_submissions(
    account_id: UUID, *, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[SubmissionRow]:
    """Return the account's submissions, newest first. One query."""
    return _newest({"account_id": account_id}, cursor=cursor, size=size)


def list_cohort_submissions(
    cohort_id: UUID, *, state: str = "", cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[SubmissionRow]:
    """Return the cohort's submissions, newest first; in one state, if given. One query."""
    in_state = {"state": state} if state else {}
    return _newest({"cohort_id": cohort_id, **in_state}, cursor=cursor, size=size)


def submissions_of_mission(mission_id: UUID) -> QuerySet[Submission]:
    """Return the submissions of a mission: the setting MISSION_SUBMISSIONS."""
    return Submission.objects.filter(mission=mission_id)


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
