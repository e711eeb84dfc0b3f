"""Submissions in lists: a member's own, a cohort's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chassis.web.pagination import Page, page_of
from study.submissions.models import Attempt, Submission, SubmissionQuerySet

NEWEST_FIRST = ("-created_at", "-id")


def list_own_submissions(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[Any]:
    """Return the account's submissions, newest first, read `for_reading`."""
    rows = Submission.objects.filter(account_id=account_id)
    return page_of(rows, order=NEWEST_FIRST, cursor=cursor, size=size, read=SubmissionQuerySet.for_reading)


def list_cohort_submissions(
    cohort_id: UUID, *, state: str = "", cursor: str | None = None, size: int = 25
) -> Page[Any]:
    """Return the cohort's submissions, newest first, read `for_reading`; in one state, if given."""
    rows = Submission.objects.filter(cohort=cohort_id)
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, order=NEWEST_FIRST, cursor=cursor, size=size, read=SubmissionQuerySet.for_reading)


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
