"""Pages: import a sheet of people, and see how far it is. Nothing is kept before it is confirmed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone

from chassis.enqueue import enqueue_on_commit
from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Cohort
from study.cohorts.queries import parts_of, teams_of
from study.roster import access, queries, tasks
from study.roster.actions import start_import
from study.roster.forms.importing import ColumnsForm, SheetForm
from study.roster.forms.people import Groups, read_people
from study.roster.forms.table import write_text
from study.roster.models import RowState
from study.roster.rules import FIELDS, Table, guess_columns

# Of a sheet that is wrong from top to bottom, its beginning says why.
MAX_FAULTS_SHOWN = 200


@signed_in("GET", "POST")
def import_people(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Ask for the sheet, then for its columns, show what would happen, and do it once that is confirmed."""
    me = request.principal.account_id
    cohort = membership_for_operator(cohort_id, account_id=me).cohort
    sheet = SheetForm(request.POST or None, request.FILES or None)
    if not sheet.is_valid() or sheet.table is None:
        return _render_sheet(request, cohort, sheet)
    if "again" in request.POST:
        return _render_sheet(request, cohort, SheetForm(initial={"text": write_text(sheet.table)}))

    table = sheet.table
    text = write_text(table)
    form = ColumnsForm(_columns(request, cohort, table) | {"text": text}, table=table)
    context: dict[str, Any] = {"cohort": cohort, "form": form, "text": text}
    if form.is_valid():
        groups = Groups(parts_of(cohort), teams_of(cohort), is_created=form.cleaned_data["creates_groups"])
        people, faults = read_people(table, form.columns, groups)
        if not faults and form.is_previewed:
            titles = {name: table.titles[index] for name, index in form.columns.items() if index is not None}
            try:
                started = start_import(
                    cohort=cohort,
                    people=people,
                    columns=titles,
                    creates_groups=groups.is_created,
                    by=me,
                    at=timezone.now(),
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                enqueue_on_commit(tasks.invite_people)
                return redirect("roster:result", cohort_id, started.id)
        plan = [] if faults else queries.plan_import(cohort, people, at=timezone.now())
        context |= {
            "faults": faults[:MAX_FAULTS_SHOWN],
            "fault_count": len(faults),
            "plan": plan,
            "invited_count": sum(planned.state == RowState.INVITED for planned in plan),
            "groups": groups,
        }
    status = 422 if form.errors or context.get("faults") else 200
    return render(request, "roster/columns.html", context, status=status)


def _columns(request: PageRequest, cohort: Cohort, table: Table) -> dict[str, Any]:
    """Return what was chosen, or, for a new sheet, what the last one or the titles say."""
    if "name" in request.POST:
        chosen = {name: request.POST.get(name, "") for name in (*FIELDS, "creates_groups", "seen")}
        return {key: value for key, value in chosen.items() if value != ""}
    guessed = guess_columns(table.titles, queries.remembered_columns(cohort))
    return {name: str(index) for name, index in guessed.items() if index is not None}


def _render_sheet(request: PageRequest, cohort: Cohort, form: SheetForm) -> HttpResponse:
    context = {
        "cohort": cohort,
        "form": form,
        "faults": form.faults[:MAX_FAULTS_SHOWN],
        "fault_count": len(form.faults),
        "imports": queries.imports(cohort),
    }
    wrong = form.is_bound and (form.faults or not form.is_valid())
    return render(request, "roster/sheet.html", context, status=422 if wrong else 200)


@signed_in("GET")
def result(request: PageRequest, cohort_id: UUID, import_id: UUID) -> HttpResponse:
    """Show how far an import is, and what became of each row."""
    found = access.import_for_operator(cohort_id, import_id, account_id=request.principal.account_id)
    context = {
        "cohort": found.cohort,
        "roster_import": found,
        "progress": queries.progress_of(found),
        "page": queries.rows(found, cursor=request.GET.get("cursor")),
    }
    template = "roster/result.html#progress" if request.htmx else "roster/result.html"
    return render(request, template, context)


app_name = "roster"
urlpatterns = [
    path("cohorts/<uuid:cohort_id>/members/import/", import_people, name="import"),
    path("cohorts/<uuid:cohort_id>/members/import/<uuid:import_id>/", result, name="result"),
]
