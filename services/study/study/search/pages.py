"""Pages: search in a cohort."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from chassis.web.auth import PageRequest, signed_in
from study.cohorts.access import membership_for_member
from study.search import queries
from study.search.rules import MAX_TEXT_LENGTH, clean_text


@signed_in("GET")
def cohort(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Find members, missions, submissions and announcements of a cohort."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)
    typed = request.GET.get("q", "")
    text = clean_text(typed)
    context = {
        "cohort": membership.cohort,
        "membership": membership,
        "typed": typed.replace("\x00", "").strip()[:MAX_TEXT_LENGTH],
        "max_length": MAX_TEXT_LENGTH,
        "found": queries.search(membership, text=text, now=timezone.now()) if text else None,
    }
    template = "search/search.html#results" if request.htmx else "search/search.html"
    return render(request, template, context)


app_name = "search"
urlpatterns = [path("cohorts/<uuid:cohort_id>/search/", cohort, name="cohort")]
