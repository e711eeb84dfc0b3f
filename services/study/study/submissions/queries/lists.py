"""Submissions in lists: a member's own, a cohort's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef

from chassis.web.pagination import Page, page_of
from study.mirrors.models import AccountMirror
from study.missions.queries import due_bound
from study.missions.rules import came_late
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
    whole = chosen.with_judgement().with_assignee().select_related("mission__cohort", "mission__week", "pull")
    named = whole.annotate(
        name=AccountMirror.objects.name_of(OuterRef("account_id")),
        mentor=AccountMirror.objects.name_of(OuterRef("assignee_id")),
    )
    page = page_of(named, order=("-created_at", "-id"), cursor=cursor, size=size)
    return Page([row_of(one) for one in page.rows], page.next)


def is_late(one: Any) -> bool:
    """Whether even the first attempt came after the deadline in force now. No query.

    `one` is a submission that was read `with_judgement` and has its mission.
    """
    return came_late(one.first_received_at, due_bound(one, base=one.mission.due_at).at)


def row_of(one: Any) -> SubmissionRow:
    """A submission that came with its mission, cohort, week, pull request and names, as a row."""
    return SubmissionRow(
        id=one.id,
        cohort_id=one.mission.cohort_id,
        cohort_title=one.mission.cohort.title,
        mission_id=one.mission_id,
        mission_title=one.mission.title,
        week=one.mission.week.number,
        account_id=one.account_id,
        name=one.name,
        mentor_id=one.assignee_id,
        mentor=one.mentor,
        repository=one.mission.repository,
        number=one.pull.number,
        url=one.pull.url,
        state=one.state,
        display_state=one.display_state,
        is_late=is_late(one),
        was_late=one.is_late,
        attempts=one.attempts_count,
        points=one.points,
        max_points=one.max_points,
        released_at=one.released_at,
        handed_in_at=one.first_received_at or one.created_at,
        created_at=one.created_at,
    )
