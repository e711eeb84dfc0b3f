"""Pages: requests to join, for who made one and for the operators who decide."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import render_confirmation
from study.cohorts.access import membership_for_operator
from study.memberships import access, queries
from study.memberships.actions.requests import decide_requests, withdraw_request
from study.memberships.forms import JoinRequestsForm


@signed_in("GET")
def my_request(request: PageRequest, request_id: UUID) -> HttpResponse:
    """Show the account's own request to join, and what became of it."""
    found = access.own_request(request_id, account_id=request.principal.account_id)
    return render(request, "memberships/my_request.html", {"join_request": found})


@signed_in("GET", "POST")
def withdraw(request: PageRequest, request_id: UUID) -> HttpResponse:
    """Withdraw the account's own request after a confirmation."""
    found = access.own_request(request_id, account_id=request.principal.account_id)

    if request.method == "POST":
        try:
            withdraw_request(request=found, at=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Your request is withdrawn."))
        return redirect("memberships:my_request", request_id)

    return render_confirmation(
        request,
        title=_("Withdraw your request to join “%(name)s”?") % {"name": found.cohort.title},
        text=_("The organizers no longer see it. While the link can be used, you can ask again."),
        button=_("Withdraw the request to join"),
        back=reverse("memberships:my_request", args=[request_id]),
    )


@signed_in("GET", "POST")
def join_requests(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """List the open requests to join; approve or decline several."""
    me = request.principal.account_id
    cohort = membership_for_operator(cohort_id, account_id=me).cohort
    form = JoinRequestsForm(request.POST or None, cohort=cohort)
    error = ""

    if form.is_valid():
        approve = form.cleaned_data.pop("decision") == "approve"
        try:
            decided = decide_requests(
                cohort=cohort, approve=approve, by=me, at=timezone.now(), **form.cleaned_data
            )
        except DomainError as refused:
            error = str(refused)
        else:
            _say_decided(request, approve=approve, count=len(decided))
            return redirect("memberships:join_requests", cohort_id)
    elif form.is_bound:
        error = _("Select people, and approve or decline.")

    context = {
        "cohort": cohort,
        "form": form,
        "error": error,
        "selected": request.POST.getlist("request_ids"),
        "page": queries.join_requests(cohort, cursor=request.GET.get("cursor")),
    }
    return render(request, "memberships/join_requests.html", context, status=422 if form.is_bound else 200)


def _say_decided(request: PageRequest, *, approve: bool, count: int) -> None:
    if approve:
        text = ngettext("%(count)d person was approved.", "%(count)d people were approved.", count)
    else:
        text = ngettext(
            "%(count)d request to join was declined.", "%(count)d requests to join were declined.", count
        )
    messages.success(request, text % {"count": count})
