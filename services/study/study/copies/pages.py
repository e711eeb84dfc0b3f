"""Pages: begin a cohort from a former one, and see how far it is."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone

from chassis.enqueue import enqueue_on_commit
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form
from study.cohorts.access import membership_for_operator
from study.cohorts.actions import CohortCreationNotAllowed
from study.copies import access, actions, queries, tasks
from study.copies.forms import CopyForm


@signed_in("GET", "POST")
def new(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Begin a cohort from this one, once it was shown what it contains."""
    me = request.principal.account_id
    source = membership_for_operator(cohort_id, account_id=me).cohort
    if not request.principal.can_create_cohorts:
        raise CohortCreationNotAllowed
    people = queries.people_to_invite(source, account_id=me)
    form = CopyForm(
        request.POST or None,
        people=[(person.id, queries.person_label(person)) for person in people],
        repositories=queries.repositories_of(source),
    )
    order = {"source": source, "account_id": me, "allowed": request.principal.can_create_cohorts}

    is_confirmed = form.is_valid() and form.is_previewed
    if is_confirmed and (copy := handle_form(form, actions.start_copy, at=timezone.now(), **order)):
        enqueue_on_commit(tasks.create_copied_cohorts)
        return redirect("copies:copy", source.id, copy.id)

    plan = handle_form(form, actions.preview_copy, **order)
    invited = {person.id for person in plan.people} if plan else set()
    context = {
        "cohort": source,
        "form": form,
        "plan": plan,
        "invited": [queries.person_label(person) for person in people if person.id in invited],
        "copies": queries.copies_of(source),
    }
    return render(request, "copies/new.html", context, status=422 if form.is_bound and not plan else 200)


@signed_in("GET")
def copy(request: PageRequest, cohort_id: UUID, copy_id: UUID) -> HttpResponse:
    """Show whether the new cohort is there."""
    me = request.principal.account_id
    found = access.copy_for_operator(cohort_id, copy_id, account_id=me)
    # Other operators of the source are not in the new cohort.
    context = {"cohort": found.source, "copy": found, "is_mine": found.requested_by == me}
    template = "copies/copy.html#progress" if request.htmx else "copies/copy.html"
    return render(request, template, context)


app_name = "copies"
urlpatterns = [
    path("cohorts/<uuid:cohort_id>/copies/new/", new, name="new"),
    path("cohorts/<uuid:cohort_id>/copies/<uuid:copy_id>/", copy, name="copy"),
]
