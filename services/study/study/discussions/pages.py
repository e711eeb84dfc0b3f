"""Pages: the files that a submitted commit changes."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from chassis.errors import NotFound
from chassis.web.auth import PageRequest, signed_in
from study.discussions import queries, tasks
from study.discussions.actions import diffs
from study.discussions.forms import FilesForm
from study.submissions.access import submission_for_reader


@signed_in("GET")
def files(request: PageRequest, submission_id: UUID) -> HttpResponse:
    """The changed files of an attempt, for the author and for the cohort's mentors and operators."""
    me = request.principal.account_id
    submission = submission_for_reader(submission_id, account_id=me)
    chosen = FilesForm(request.GET).chosen()
    attempt = queries.find_attempt(submission, chosen["attempt"])
    if attempt is None:
        raise NotFound
    now = timezone.now()

    diff = diffs.request_diff(pull_request=submission.pull_request, head_sha=attempt.head_sha, at=now)
    if diff.requested_at == now:
        tasks.enqueue_fetch_on_commit(diff.id)

    found = queries.changed_files(diff)
    shown = found.page(chosen["file"])
    context = {
        "submission": submission,
        "cohort": submission.mission.cohort,
        "attempt": attempt,
        "diff": diff,
        "files": found,
        "shown": shown,
        # The number of the first file on the next page.
        "next": shown[-1].number + 1 if shown and shown[-1].number < len(found.files) else None,
        "is_mine": submission.account_id == me,
    }
    return render(request, "discussions/files.html", context)


app_name = "discussions"
urlpatterns = [
    path("submissions/<uuid:submission_id>/files/", files, name="files"),
]
