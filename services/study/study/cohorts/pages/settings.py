"""The settings of a cohort: name and clock, closing, and the answers that all its forms give."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chassis.web.auth import PageRequest, signed_in
from study.cohorts import access, actions, queries
from study.cohorts.forms import CohortForm, NameForm, WeekForm
from study.cohorts.models import Cohort


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Name and clock; and what the cohort is made of."""
    cohort = access.seat_to_run(cohort_id, account_id=request.principal.account_id).cohort
    form = CohortForm(request.POST or None, initial=_now(cohort))

    if form.is_valid():
        actions.change_cohort(cohort=cohort, at=timezone.now(), **form.cleaned_data)
        return saved(request, cohort)

    return shown(request, cohort, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def close(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Close the cohort, once asked."""
    cohort = access.seat_to_run(cohort_id, account_id=request.principal.account_id).cohort

    if request.method == "POST":
        actions.close_cohort(cohort=cohort, at=timezone.now())
        messages.success(request, _("The cohort is closed. You can open it again at any time."))
        return redirect("cohorts:settings", cohort.id)

    return asked(
        request,
        cohort,
        title=_("Close “%(name)s”?") % {"name": cohort.title},
        text=_(
            "Nobody can join or hand in any more, and nothing new is set. Reviews that wait can be finished; "
            "everything stays to be read, and you can open it again."
        ),
        button=_("Close the cohort"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def reopen(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Open a closed cohort again."""
    cohort = access.seat_to_run(cohort_id, account_id=request.principal.account_id).cohort

    if request.method == "POST":
        actions.reopen_cohort(cohort=cohort)
        messages.success(request, _("The cohort is open again."))

    return redirect("cohorts:settings", cohort.id)


def saved(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    """Back to the settings, which say that it was done."""
    messages.success(request, _("Saved."))
    return redirect("cohorts:settings", cohort.id)


def shown(request: HttpRequest, cohort: Cohort, **refused: forms.Form) -> HttpResponse:
    """The settings with all their forms; those that were refused keep what was typed."""
    make_up = queries.make_up(cohort)
    fresh = {
        "form": CohortForm(initial=_now(cohort)),
        "part_form": NameForm(auto_id="part_%s"),
        "team_form": NameForm(auto_id="team_%s"),
        "week_form": WeekForm(auto_id="week_%s", initial={"starts_on": make_up.next_week_on}),
    }
    context = {"cohort": cohort, "make_up": make_up, **fresh, **refused}
    bound = any(form.is_bound for form in refused.values())
    return render(request, "cohorts/settings.html", context, status=422 if bound else 200)


def changed(
    request: HttpRequest, cohort: Cohort, form: forms.Form, *, title: str, remove: str, asks: str
) -> HttpResponse:
    """The page that changes one part, team or week; `remove` is the page that `asks` before it goes."""
    context = {"cohort": cohort, "form": form, "title": title, "remove": remove, "asks": asks}
    return render(request, "cohorts/change.html", context, status=422 if form.is_bound else 200)


def asked(request: HttpRequest, cohort: Cohort, **said: str) -> HttpResponse:
    """The question before something that cannot simply be undone."""
    back = reverse("cohorts:settings", args=[cohort.id])
    return render(request, "chassis/confirm.html", {"cohort": cohort, "back": back, **said})


def _now(cohort: Cohort) -> dict[str, object]:
    return {"title": cohort.title, "time_zone": cohort.time_zone}
