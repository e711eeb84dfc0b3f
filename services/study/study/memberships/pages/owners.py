"""Pages for owners of the installation: all cohorts, and appointing operators."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.account_mirror.rules import display_name
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form
from study.memberships import access, queries
from study.memberships.actions.operators import appoint_operator
from study.memberships.forms import AppointOperatorForm


@signed_in("GET")
def cohorts(request: PageRequest) -> HttpResponse:
    """List all cohorts of the installation, those without an operator first."""
    access.require_owner(request.principal)
    page = queries.every_cohort(cursor=request.GET.get("cursor"))
    return render(request, "memberships/every_cohort.html", {"page": page})


@signed_in("GET", "POST")
def appoint(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Appoint a member, or the owner, as operator."""
    me = request.principal.account_id
    cohort = access.cohort_for_owner(cohort_id, principal=request.principal)
    people = queries.candidates(cohort, owner_id=me)
    named = [
        (
            account_id,
            _("%(name)s (you)") % {"name": display_name(name)} if account_id == me else display_name(name),
        )
        for account_id, name in people
    ]
    form = AppointOperatorForm(request.POST if request.method == "POST" else None, people=named)

    if handle_form(form, appoint_operator, cohort=cohort, by=me, at=timezone.now()):
        messages.success(
            request, _("“%(name)s” has an organizer. Its people see it.") % {"name": cohort.title}
        )
        return redirect("memberships:every_cohort")

    context = {"cohort": cohort, "form": form}
    return render(request, "memberships/appoint.html", context, status=422 if form.is_bound else 200)
