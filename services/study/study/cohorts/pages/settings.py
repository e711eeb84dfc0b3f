"""Pages below the settings of a cohort: its name and time zone, how people join, and its end."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from study.cohorts import access, actions
from study.cohorts.forms import CohortForm


@signed_in("GET", "POST")
def name(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Update title and time zone."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = CohortForm(request.POST or None, initial=vars(cohort))

    if handle_form(form, actions.update_cohort, cohort=cohort, at=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("cohorts:name", cohort.id)

    context = {"cohort": cohort, "form": form}
    return render(request, "cohorts/name.html", context, status=422 if form.is_bound else 200)


@signed_in("GET", "POST")
def joining(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Turn joining by approval on or off."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort

    if request.method == "POST":
        actions.set_joining_by_approval(cohort=cohort, is_on=request.POST.get("is_on") == "1")
        messages.success(request, _("Saved."))
        return redirect("cohorts:joining", cohort.id)

    return render(request, "cohorts/joining.html", {"cohort": cohort})


@signed_in("GET")
def end(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Show how the next cohort begins, and how this one is closed or opened again."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    return render(request, "cohorts/end.html", {"cohort": cohort})


@signed_in("GET", "POST")
def close(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Close the cohort after a confirmation."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort

    if request.method == "POST":
        actions.close_cohort(cohort=cohort, at=timezone.now())
        messages.success(request, _("The cohort is closed. You can open it again at any time."))
        return redirect("cohorts:end", cohort.id)

    return render_confirmation(
        request,
        title=_("Close “%(name)s”?") % {"name": cohort.title},
        text=_(
            "Nobody can join or submit any more, and no mission can be created. Reviews that wait "
            "can be finished; everything stays to be read, and you can open it again."
        ),
        button=_("Close cohort"),
        back=reverse("cohorts:end", args=[cohort.id]),
        cohort=cohort,
    )


@signed_in("GET", "POST")
def reopen(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Reopen a closed cohort."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort

    if request.method == "POST":
        actions.reopen_cohort(cohort=cohort)
        messages.success(request, _("The cohort is open again."))

    return redirect("cohorts:end", cohort.id)
