"""The author's page: the timeline, and the review once it is released."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chassis.web.auth import PageRequest, signed_in
from study.reviews import queries
from study.submissions.access import submission_for_reader
from study.submissions.queries.timeline import timeline


@signed_in("GET")
def submission(request: PageRequest, submission_id: UUID) -> HttpResponse:
    """A submission, for its author and for the mentors and operators of its cohort."""
    found = submission_for_reader(submission_id, account_id=request.principal.account_id)
    is_mine = found.account_id == request.principal.account_id
    context = {
        "submission": found,
        "cohort": found.mission.cohort,
        "timeline": timeline(found, at=timezone.now()),
        "review": queries.find_released_review(found),
        "is_mine": is_mine,
        # A reader who is not the author is a mentor or an operator.
        "may_review": not is_mine,
    }
    return render(request, "reviews/submission.html", context)
