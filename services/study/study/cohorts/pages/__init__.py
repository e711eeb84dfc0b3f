"""Pages: list of cohorts, creating one, the pages below its settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form
from study.cohorts import actions, queries
from study.cohorts.forms import NewCohortForm
from study.cohorts.pages import settings, structure


@signed_in("GET")
def cohorts(request: PageRequest) -> HttpResponse:
    """List the account's cohorts."""
    is_owner = "owner" in request.principal.roles
    context = {
        "page": queries.my_cohorts(request.principal.account_id, cursor=request.GET.get("cursor")),
        "requests": queries.open_join_requests(request.principal.account_id),
        "is_owner": is_owner,
        "without_operator": queries.count_without_operator() if is_owner else 0,
    }
    return render(request, "cohorts/list.html", context)


@signed_in("GET", "POST")
def new(request: PageRequest) -> HttpResponse:
    """Create a cohort."""
    allowed = request.principal.can_create_cohorts
    if not allowed:
        raise actions.CohortCreationNotAllowed
    form = NewCohortForm(request.POST or None)

    me = request.principal.account_id
    if cohort := handle_form(form, actions.create_cohort, account_id=me, allowed=allowed, at=timezone.now()):
        messages.success(request, _("The cohort is open. These are its next steps."))
        return redirect("home:cohort", cohort.id)

    context = {"form": form, "operated": queries.operated_cohorts(me)}
    return render(request, "cohorts/new.html", context, status=422 if form.is_bound else 200)


app_name = "cohorts"
urlpatterns = [
    path("cohorts/", cohorts, name="list"),
    path("cohorts/new/", new, name="new"),
    path("cohorts/<uuid:cohort_id>/settings/name/", settings.name, name="name"),
    path("cohorts/<uuid:cohort_id>/settings/joining/", settings.joining, name="joining"),
    path("cohorts/<uuid:cohort_id>/settings/end/", settings.end, name="end"),
    path("cohorts/<uuid:cohort_id>/settings/close/", settings.close, name="close"),
    path("cohorts/<uuid:cohort_id>/settings/reopen/", settings.reopen, name="reopen"),
    *structure.urlpatterns_of(structure.PART),
    *structure.urlpatterns_of(structure.TEAM),
    *structure.urlpatterns_of(structure.WEEK),
]
