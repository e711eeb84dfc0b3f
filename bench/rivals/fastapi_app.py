"""FastAPI with SQLAlchemy's asynchronous sessions and response models that are read from attributes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AliasPath, BaseModel, ConfigDict, Field
from sqlalchemy import URL, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from rivals.rules import PAGE_SIZE, REVIEWERS, cursor_after, position, timeline_order
from rivals.tables import Membership, Submission, submissions, with_detail
from rivals.tokens import InvalidToken, account_of, keys


def from_path(*names: str, **options: Any) -> Any:
    """Return a field that is read from an attribute of an attribute."""
    return Field(validation_alias=AliasPath(*names), **options)


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SubmissionOut(Out):
    id: UUID
    cohort_id: UUID
    cohort_title: str = from_path("cohort", "title")
    mission_id: UUID
    mission_title: str = from_path("mission", "title")
    week: int = from_path("mission", "week", "number")
    account_id: UUID
    name: str | None = from_path("account", "name", default=None)
    mentor_id: UUID | None = from_path("mentor", "account_id", default=None)
    mentor: str | None = from_path("mentor", "name", default=None)
    repository: str | None = from_path("pull_request", "repository", "name", default=None)
    mission_rule: str | None = from_path("pull_request", "decision", "rule", default=None)
    number: int | None = from_path("pull_request", "number", default=None)
    url: str | None = from_path("pull_request", "url", default=None)
    state: str
    is_late: bool
    was_late: bool
    attempts: int = from_path("attempts_count")
    points: int | None
    max_points: int | None
    released_at: datetime | None
    completed_at: datetime | None
    completion: str | None
    completion_login: str | None = from_path("completing_event", "actor", default=None)
    handed_in_at: datetime
    created_at: datetime


class AttemptOut(Out):
    number: int
    head_sha: str | None
    work: None
    source: str
    received_at: datetime
    clock: str | None = from_path("counted_by")
    due_at: datetime
    late_seconds: int
    is_late: bool


class TimelineEventOut(Out):
    kind: str
    at: datetime
    actor: str
    sha: str
    before_sha: str
    text: str
    count: int | None


class SubmissionPage(Out):
    results: list[SubmissionOut]
    next: str | None


class SubmissionDetail(Out):
    submission: SubmissionOut
    attempts: list[AttemptOut]
    timeline: list[TimelineEventOut]


def database_url() -> URL:
    """Return the address of the database that the environment names."""
    if "DATABASE_HOST" not in os.environ:
        return URL.create("sqlite+aiosqlite", database=os.environ["DATABASE_PATH"])
    return URL.create(
        "mysql+asyncmy",
        username=os.environ["DATABASE_USER"],
        password=os.environ["DATABASE_PASSWORD"],
        host=os.environ["DATABASE_HOST"],
        port=int(os.environ.get("DATABASE_PORT", "3306")),
        database=os.environ["DATABASE_NAME"],
        query={"charset": "utf8mb4"},
    )


_ISOLATION: Any = {"isolation_level": "READ COMMITTED"} if "DATABASE_HOST" in os.environ else {}
engine = create_async_engine(database_url(), pool_size=5, **_ISOLATION)
new_session = async_sessionmaker(engine, expire_on_commit=False)
bearer = HTTPBearer()
app = FastAPI(openapi_url=None)
keys()


async def open_session() -> AsyncIterator[AsyncSession]:
    """Open a session for one request."""
    async with new_session() as session:
        yield session


async def caller(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> UUID:
    """Return the account of the request's token."""
    try:
        return account_of(f"{credentials.scheme} {credentials.credentials}")
    except InvalidToken:
        raise HTTPException(401) from None


Session = Annotated[AsyncSession, Depends(open_session)]
AccountId = Annotated[UUID, Depends(caller)]
_IS_REVIEWER = and_(Membership.left_at.is_(None), Membership.role.in_(REVIEWERS))


@app.get("/api/v1/study/cohorts/{cohort_id}/submissions", response_model=SubmissionPage)
async def list_submissions(
    cohort_id: UUID, session: Session, account_id: AccountId, cursor: str = ""
) -> dict[str, Any]:
    """List a cohort's submissions, newest first, for its mentors and operators."""
    mine = Membership.cohort_id == cohort_id, Membership.account_id == account_id
    if await session.scalar(select(Membership.id).where(*mine, _IS_REVIEWER)) is None:
        raise HTTPException(404)
    rows = submissions().where(Submission.cohort_id == cohort_id)
    if cursor:
        at, id_ = position(cursor)
        same_time = and_(Submission.created_at == at, Submission.id < id_)
        rows = rows.where(or_(Submission.created_at < at, same_time))
    rows = rows.order_by(Submission.created_at.desc(), Submission.id.desc()).limit(PAGE_SIZE + 1)
    page = (await session.scalars(rows)).all()
    last = page[PAGE_SIZE - 1] if len(page) > PAGE_SIZE else None
    return {"results": page[:PAGE_SIZE], "next": last and cursor_after(last.created_at, last.id)}


@app.get("/api/v1/study/submissions/{submission_id}", response_model=SubmissionDetail)
async def get_submission(submission_id: UUID, session: Session, account_id: AccountId) -> dict[str, Any]:
    """Get a submission, its attempts and timeline, for its author and the mentors and operators."""
    is_staff = exists().where(
        Membership.cohort_id == Submission.cohort_id, Membership.account_id == account_id, _IS_REVIEWER
    )
    is_readable = or_(Submission.account_id == account_id, is_staff)
    rows = with_detail(submissions()).where(Submission.id == submission_id, is_readable)
    submission = await session.scalar(rows)
    if submission is None:
        raise HTTPException(404)
    events = submission.pull_request.events if submission.pull_request else []
    return {
        "submission": submission,
        "attempts": submission.all_attempts,
        "timeline": sorted(events, key=lambda event: timeline_order(event.at, event.kind, event.sha)),
    }
