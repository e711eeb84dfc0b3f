"""Litestar with msgspec's structs and hand-written SQL on an asynchronous driver."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Litestar, Request, get
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException, NotFoundException
from msgspec import Struct

from rivals import statements
from rivals.async_database import Database
from rivals.rows import attempt_values, deadline_of, submission_values, timeline
from rivals.rules import PAGE_SIZE, REVIEWERS, cursor_after, position
from rivals.tokens import InvalidToken, account_of, keys

database = Database()


class Submission(Struct):
    """In the order of rows.SUBMISSION."""

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
    repository: str | None
    mission_rule: str | None
    number: int | None
    url: str | None
    state: str
    was_late: bool
    attempts: int
    points: int | None
    max_points: int | None
    released_at: datetime | None
    completed_at: datetime | None
    completion: str | None
    completion_login: str | None
    created_at: datetime
    is_late: bool
    handed_in_at: datetime


class Attempt(Struct):
    """In the order of rows.ATTEMPT."""

    number: int
    head_sha: str | None
    source: str
    received_at: datetime
    clock: str | None
    due_at: datetime
    late_seconds: int
    is_late: bool
    work: None


class TimelineEvent(Struct):
    """In the order of rows.EVENT."""

    kind: str
    at: datetime
    actor: str
    sha: str
    before_sha: str
    text: str
    count: int | None


class SubmissionPage(Struct):
    results: list[Submission]
    next: str | None


class SubmissionDetail(Struct):
    submission: Submission
    attempts: list[Attempt]
    timeline: list[TimelineEvent]


def caller(request: Request[Any, Any, Any]) -> UUID:
    """Return the account of the request's token."""
    try:
        return account_of(request.headers.get("Authorization", ""))
    except InvalidToken:
        raise NotAuthorizedException from None


@get("/api/v1/study/cohorts/{cohort_id:uuid}/submissions")
async def list_submissions(cohort_id: UUID, account_id: UUID, cursor: str = "") -> SubmissionPage:
    """List a cohort's submissions, newest first, for its mentors and operators."""
    found = await database.rows(statements.ROLE, cohort_id.hex, account_id.hex)
    if not found or found[0][0] not in REVIEWERS:
        raise NotFoundException
    if cursor:
        at, id_ = position(cursor)
        stored = str(at.replace(tzinfo=None))
        given = (cohort_id.hex, stored, stored, id_.hex, PAGE_SIZE + 1)
        rows = await database.rows(statements.NEXT_PAGE, *given)
    else:
        rows = await database.rows(statements.FIRST_PAGE, cohort_id.hex, PAGE_SIZE + 1)
    results = [Submission(*submission_values(row)) for row in rows[:PAGE_SIZE]]
    has_more = len(rows) > PAGE_SIZE
    return SubmissionPage(results, cursor_after(results[-1].created_at, results[-1].id) if has_more else None)


@get("/api/v1/study/submissions/{submission_id:uuid}")
async def get_submission(submission_id: UUID, account_id: UUID) -> SubmissionDetail:
    """Get a submission, its attempts and timeline, for its author and the mentors and operators."""
    found = await database.rows(statements.SUBMISSION, submission_id.hex, account_id.hex, account_id.hex)
    if not found:
        raise NotFoundException
    due_at = deadline_of(found[0])
    attempts = await database.rows(statements.ATTEMPTS, submission_id.hex)
    events = await database.rows(statements.EVENTS, submission_id.hex)
    return SubmissionDetail(
        submission=Submission(*submission_values(found[0])),
        attempts=[Attempt(*attempt_values(row, due_at)) for row in attempts],
        timeline=[TimelineEvent(*values) for values in timeline(events)],
    )


keys()
app = Litestar(
    route_handlers=[list_submissions, get_submission],
    dependencies={"account_id": Provide(caller, sync_to_thread=False)},
    on_startup=[database.connect],
    on_shutdown=[database.close],
    openapi_config=None,
)
