"""Submissions in lists: a member's own, a cohort's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef

from chassis.account_mirror.models import AccountMirror
from chassis.web.pagination import Page, page_of
from study.missions.queries.rows import deadline_from_row
from study.missions.rules.deadlines import is_after_deadline
from study.submissions.models import Submission, SubmissionQuerySet


@dataclass(frozen=True)
class SubmissionRow:
    """A submission in a list. `name` is its author's, `mentor` its mentor's, None where we know none."""

    id: UUID
    cohort_id: UUID
    cohort_title: str
    mission_id: UUID
    mission_title: str
    week: int
    account_id: UUID
    name: str | None
    mentor_id: UUID | None
    mentor: str | None
    repository: str
    number: int
    url: str
    state: str
    display_state: str
    # By the deadline in force now; `was_late` by the one that bound when it came.
    is_late: bool
    was_late: bool
    attempts: int
    points: int | None
    max_points: int | None
    released_at: datetime | None
    # Since when the first attempt counts, and when we made the row.
    handed_in_at: datetime
    created_at: datetime


def mine(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[SubmissionRow]:
    """What this account has handed in, newest first. One statement."""
    return _rows(Submission.objects.filter(account_id=account_id), cursor=cursor, size=size)


def of_cohort(
    cohort_id: UUID, *, state: str = "", cursor: str | None = None, size: int = 25
) -> Page[SubmissionRow]:
    """What was handed in in a cohort, newest first; in one state, if given. One statement."""
    rows = Submission.objects.filter(mission__cohort_id=cohort_id)
    return _rows(rows.filter(state=state) if state else rows, cursor=cursor, size=size)


def _rows(chosen: SubmissionQuerySet, *, cursor: str | None, size: int) -> Page[SubmissionRow]:
    whole = (
        chosen.with_lateness()
        .with_assignee()
        .select_related("mission__cohort", "mission__week", "mission__github_repository", "pull_request")
    )
    named = whole.annotate(
        name=AccountMirror.objects.name_of(OuterRef("account_id")),
        mentor=AccountMirror.objects.name_of(OuterRef("assignee_id")),
    )
    page = page_of(named, order=("-created_at", "-id"), cursor=cursor, size=size)
    return Page([row_of(submission) for submission in page.rows], page.next)


def is_late(submission: Any) -> bool:
    """Whether even the first attempt came after the deadline in force now. No query.

    `submission` is one that was read `with_lateness` and has its mission.
    """
    return is_after_deadline(
        submission.first_received_at, deadline_from_row(submission, base=submission.mission.due_at).at
    )


def row_of(submission: Any) -> SubmissionRow:
    """A submission that came with its mission, cohort, week, pull request and names, as a row."""
    return SubmissionRow(
        id=submission.id,
        cohort_id=submission.mission.cohort_id,
        cohort_title=submission.mission.cohort.title,
        mission_id=submission.mission_id,
        mission_title=submission.mission.title,
        week=submission.mission.week.number,
        account_id=submission.account_id,
        name=submission.name,
        mentor_id=submission.assignee_id,
        mentor=submission.mentor,
        repository=submission.mission.repository,
        number=submission.pull_request.number,
        url=submission.pull_request.url,
        state=submission.state,
        display_state=submission.display_state,
        is_late=is_late(submission),
        was_late=submission.is_late,
        attempts=submission.attempts_count,
        points=submission.points,
        max_points=submission.max_points,
        released_at=submission.released_at,
        handed_in_at=submission.first_received_at or submission.created_at,
        created_at=submission.created_at,
    )
