"""django-ninja: schemas with dotted aliases, and the renderer of its documentation for orjson."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import path
from ninja import Field, NinjaAPI, Schema
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer

from rivals.models import Attempt, Membership, submissions
from rivals.rules import PAGE_SIZE, REVIEWERS, cursor_after, position
from rivals.tokens import InvalidToken, account_of


class ORJSONRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Return the body."""
        return orjson.dumps(data)


class Token(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> UUID | None:
        """Return the account of the token, or None."""
        try:
            return account_of(f"Bearer {token}")
        except InvalidToken:
            return None


class SubmissionOut(Schema):
    id: UUID
    cohort_id: UUID
    cohort_title: str = Field(alias="cohort.title")
    mission_id: UUID
    mission_title: str = Field(alias="mission.title")
    week: int = Field(alias="mission.week.number")
    account_id: UUID
    name: str | None = Field(None, alias="account.name")
    mentor_id: UUID | None = Field(None, alias="mentor.account_id")
    mentor: str | None = Field(None, alias="mentor.name")
    repository: str | None = Field(None, alias="pull_request.repository.name")
    mission_rule: str | None = Field(None, alias="pull_request.decision.rule")
    number: int | None = Field(None, alias="pull_request.number")
    url: str | None = Field(None, alias="pull_request.url")
    state: str
    is_late: bool
    was_late: bool
    attempts: int = Field(alias="attempts_count")
    points: int | None
    max_points: int | None
    released_at: datetime | None
    completed_at: datetime | None
    completion: str | None
    completion_login: str | None = Field(None, alias="completing_event.actor")
    handed_in_at: datetime
    created_at: datetime


class AttemptOut(Schema):
    number: int
    head_sha: str | None
    work: None
    source: str
    received_at: datetime
    clock: str | None = Field(alias="counted_by")
    due_at: datetime
    late_seconds: int
    is_late: bool


class TimelineEventOut(Schema):
    kind: str
    at: datetime
    actor: str
    sha: str
    before_sha: str
    text: str
    count: int | None


class SubmissionPage(Schema):
    results: list[SubmissionOut]
    next: str | None


class SubmissionDetail(Schema):
    submission: SubmissionOut
    attempts: list[AttemptOut]
    timeline: list[TimelineEventOut]


api = NinjaAPI(auth=Token(), renderer=ORJSONRenderer(), docs_url=None)


@api.get("/cohorts/{uuid:cohort_id}/submissions", response=SubmissionPage)
def list_submissions(request: Any, cohort_id: UUID, cursor: str = "") -> dict[str, Any]:
    """List a cohort's submissions, newest first, for its mentors and operators."""
    live = Membership.objects.filter(left_at=None, role__in=REVIEWERS)
    get_object_or_404(live, cohort=cohort_id, account=request.auth)
    rows = submissions(Attempt.objects.filter(number=1)).filter(cohort=cohort_id)
    if cursor:
        at, id_ = position(cursor)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=id_))
    page = list(rows.order_by("-created_at", "-id")[: PAGE_SIZE + 1])
    last = page[PAGE_SIZE - 1] if len(page) > PAGE_SIZE else None
    return {"results": page[:PAGE_SIZE], "next": last and cursor_after(last.created_at, last.id)}


@api.get("/submissions/{uuid:submission_id}", response=SubmissionDetail)
def get_submission(request: Any, submission_id: UUID) -> dict[str, Any]:
    """Get a submission, its attempts and timeline, for its author and the mentors and operators."""
    staff = Membership.objects.filter(account=request.auth, left_at=None, role__in=REVIEWERS)
    is_readable = Q(account=request.auth) | Q(cohort__in=staff.values("cohort"))
    readable = submissions(Attempt.objects.order_by("number")).filter(is_readable)
    submission = get_object_or_404(readable, id=submission_id)
    return {
        "submission": submission,
        "attempts": submission.attempts.all(),
        "timeline": submission.timeline,
    }


urlpatterns = [path("api/v1/study/", api.urls)]
