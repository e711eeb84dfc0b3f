"""Settings page of a cohort: title and time zone, closing."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from study.cohorts import access, actions, queries
from study.cohorts.forms import CohortForm, NameForm, TeamForm, WeekForm
from study.cohorts.models import Cohort
from study.cohorts.rules import next_week_on


@signed_in("GET", "POST")
def settings(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Show the settings; update title and time zone."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = CohortForm(request.POST or None, initial=vars(cohort))

    if handle_form(form, actions.update_cohort, cohort=cohort, at=timezone.now()):
        return redirect_to_settings(request, cohort)

    return render_settings(request, cohort, form=form)


@signed_in("GET", "POST")
def close(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Close the cohort after a confirmation."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort

    if request.method == "POST":
        actions.close_cohort(cohort=cohort, at=timezone.now())
        messages.success(request, _("The cohort is closed. You can open it again at any time."))
        return redirect("cohorts:settings", cohort.id)

    return render_confirmation(
        request,
        title=_("Close “%(name)s”?") % {"name": cohort.title},
        text=_(
            "Nobody can join or submit any more, and no mission can be created. Reviews that wait "
            "can be finished; everything stays to be read, and you can open it again."
        ),
        button=_("Close cohort"),
        back=reverse("cohorts:settings", args=[cohort.id]),
        cohort=cohort,
    )


@signed_in("GET", "POST")
def reopen(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Reopen a closed cohort."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort

    if request.method == "POST":
        actions.reopen_cohort(cohort=cohort)
        messages.success(request, _("The cohort is open again."))

    return redirect("cohorts:settings", cohort.id)


@signed_in("POST")
def approval(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Turn joining by approval on or off."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    actions.set_joining_by_approval(cohort=cohort, is_on=request.POST.get("is_on") == "1")
    return redirect_to_settings(request, cohort)


def redirect_to_settings(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    """Redirect to the settings with a success message."""
    messages.success(request, _("Saved."))
    return redirect("cohorts:settings", cohort.id)


def render_settings(request: HttpRequest, cohort: Cohort, **bound_forms: forms.Form) -> HttpResponse:
    """Render the settings page; invalid forms are passed in `bound_forms`."""
    weeks = queries.weeks_of(cohort)
    unbound_forms = {
        "form": CohortForm(initial=vars(cohort)),
        "part_form": NameForm(auto_id="part_%s"),
        "team_form": TeamForm(auto_id="team_%s", reviewers=queries.reviewers_of(cohort)),
        "week_form": WeekForm(auto_id="week_%s", initial={"starts_on": next_week_on(weeks)}),
    }
    context = {
        "cohort": cohort,
        "parts": queries.parts_of(cohort),
        "teams": queries.teams_of(cohort),
        "weeks": weeks,
        **unbound_forms,
        **bound_forms,
    }
    bound = any(form.is_bound for form in bound_forms.values())
    return render(request, "cohorts/settings.html", context, status=422 if bound else 200)
