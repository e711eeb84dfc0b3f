"""Taking over a sheet of missions: upload or paste, look at the plan, confirm. Nothing is kept in between."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from chassis.web.auth import PageRequest, signed_in
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Cohort
from study.cohorts.queries import parts_of, weeks_of
from study.missions.actions import importing as actions
from study.missions.forms.importing import PartsForm, SheetForm
from study.missions.forms.sheet import Fault, read_sheet


@signed_in("GET", "POST")
def import_missions(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Ask for the sheet, show what it would do, and do it once that is confirmed.

    The confirmation carries the sheet's text itself and is read as carefully as the first time.
    """
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = SheetForm(request.POST or None, request.FILES or None, weeks=weeks_of(cohort))
    if not form.is_valid():
        return _render_form(request, cohort, form)
    rows, faults = read_sheet(form.cleaned_data["text"])
    if faults or "again" in request.POST:
        return _render_form(request, cohort, form.with_text(), faults)

    first_week = form.cleaned_data["first_week"]
    plan = actions.preview_import(cohort=cohort, rows=rows, first_week=first_week, parts={})
    confirmed = request.POST if "confirm" in request.POST else None
    parts_form = PartsForm(confirmed, unknown=plan.unknown_parts, parts=parts_of(cohort))
    if parts_form.is_valid():
        plan = actions.import_missions(
            cohort=cohort,
            rows=rows,
            first_week=first_week,
            parts=parts_form.part_ids,
            by=request.principal.account_id,
            at=timezone.now(),
        )
        count = len(plan.to_create)
        text = ngettext("%(count)d mission was imported.", "%(count)d missions were imported.", count)
        messages.success(request, text % {"count": count})
        return redirect("missions:list", cohort.id)

    page = {"cohort": cohort, "form": form, "plan": plan, "parts_form": parts_form}
    return render(request, "missions/import_plan.html", page, status=422 if parts_form.is_bound else 200)


def _render_form(
    request: PageRequest, cohort: Cohort, form: SheetForm, faults: list[Fault] | None = None
) -> HttpResponse:
    wrong = form.is_bound and (faults or not form.is_valid())
    page = {"cohort": cohort, "form": form, "faults": faults}
    return render(request, "missions/import.html", page, status=422 if wrong else 200)
