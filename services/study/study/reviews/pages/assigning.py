"""The operator's side: who reviews what."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form
from study.cohorts.access import membership_for_operator
from study.reviews import actions, queries
from study.reviews.forms import AssignForm
from study.submissions.access import submission_for_operator
from study.submissions.actions.grading import NotAMentor, assign_mentor


@signed_in("GET")
def reviewers(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """The mentors with their load, and what waits."""
    membership = membership_for_operator(cohort_id, account_id=request.principal.account_id)
    context = {
        "cohort": membership.cohort,
        "mentors": queries.reviewers(cohort_id),
        "page": queries.waiting(cohort_id, cursor=request.GET.get("cursor")),
        "now": timezone.now(),
    }
    return render(request, "reviews/reviewers.html", context)


@signed_in("POST")
def assign_evenly(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Give what has no mentor to the mentors, evenly."""
    membership_for_operator(cohort_id, account_id=request.principal.account_id)
    assigned = actions.assign_evenly(cohort_id=cohort_id)
    text = ngettext(
        "%(n)d submission now has a mentor.", "%(n)d submissions now have a mentor.", assigned
    ) % {"n": assigned}
    messages.success(request, text)
    return redirect("reviews:assign", cohort_id)


@signed_in("POST")
def assign(request: PageRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """Give one submission to a mentor, or take it back."""
    me = request.principal.account_id
    submission = submission_for_operator(cohort_id, submission_id, account_id=me)

    if not handle_form(AssignForm(request.POST), assign_mentor, submission=submission):
        messages.error(request, str(NotAMentor.title))

    return redirect("reviews:assign", cohort_id)
