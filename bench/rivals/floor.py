"""The floor: plain Django views with hand-written SQL and orjson, and a view of one line."""

from __future__ import annotations

from functools import wraps
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from rivals import statements
from rivals.rows import ATTEMPT, EVENT, SUBMISSION, attempt_values, deadline_of, submission_values, timeline
from rivals.rules import PAGE_SIZE, REVIEWERS, cursor_after, position
from rivals.tokens import InvalidToken, account_of


def signed_in(view: Any) -> Any:
    """Call the view with the account of the request's token."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            account_id = account_of(request.headers.get("Authorization", ""))
        except InvalidToken:
            return HttpResponse(status=401)
        return json_response(view(request, account_id, *args, **kwargs))

    return wrapped


def json_response(body: Any) -> HttpResponse:
    """Return a response with orjson's rendering of the body."""
    return HttpResponse(orjson.dumps(body, option=orjson.OPT_UTC_Z), content_type="application/json")


def rows(statement: str, *parameters: Any) -> list[Any]:
    """Return the rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer, and nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@signed_in
def list_submissions(request: HttpRequest, account_id: UUID, cohort_id: UUID) -> dict[str, Any]:
    """List a cohort's submissions, newest first, for its mentors and operators."""
    found = rows(statements.ROLE, cohort_id.hex, account_id.hex)
    if not found or found[0][0] not in REVIEWERS:
        raise Http404
    if cursor := request.GET.get("cursor"):
        at, id_ = position(cursor)
        stored = str(at.replace(tzinfo=None))
        page = rows(statements.NEXT_PAGE, cohort_id.hex, stored, stored, id_.hex, PAGE_SIZE + 1)
    else:
        page = rows(statements.FIRST_PAGE, cohort_id.hex, PAGE_SIZE + 1)
    results = [submission_of(row) for row in page[:PAGE_SIZE]]
    last = results[-1] if len(page) > PAGE_SIZE else None
    return {"results": results, "next": last and cursor_after(last["created_at"], last["id"])}


@signed_in
def get_submission(request: HttpRequest, account_id: UUID, submission_id: UUID) -> dict[str, Any]:
    """Get a submission, its attempts and timeline, for its author and the mentors and operators."""
    found = rows(statements.SUBMISSION, submission_id.hex, account_id.hex, account_id.hex)
    if not found:
        raise Http404
    due_at = deadline_of(found[0])
    attempts = rows(statements.ATTEMPTS, submission_id.hex)
    events = timeline(rows(statements.EVENTS, submission_id.hex))
    return {
        "submission": submission_of(found[0]),
        "attempts": [dict(zip(ATTEMPT, attempt_values(row, due_at), strict=True)) for row in attempts],
        "timeline": [dict(zip(EVENT, values, strict=True)) for values in events],
    }


def submission_of(row: Any) -> dict[str, Any]:
    """Return a submission of a row."""
    return dict(zip(SUBMISSION, submission_values(row), strict=True))


urlpatterns = [
    path("healthz", healthz),
    path("api/v1/study/cohorts/<uuid:cohort_id>/submissions", list_submissions),
    path("api/v1/study/submissions/<uuid:submission_id>", get_submission),
]
