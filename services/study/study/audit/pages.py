"""Pages: the audit log of a cohort, and its download."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _

from chassis.web.auth import PageRequest, signed_in
from chassis.web.pagination import Page
from study.audit import queries
from study.audit.forms import AuditFilterForm
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Cohort
from study.cohorts.rules import write_csv


@signed_in("GET")
def log(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """List who changed what, filtered by kind, person and days."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = _form(request, cohort)
    is_valid = form.is_valid()

    page: Page[queries.AuditRow] = Page([], None)
    if is_valid:
        found = queries.list_entries(cohort, **form.filters, cursor=request.GET.get("cursor"))
        page = Page([queries.AuditRow(entry) for entry in found.rows], found.next)

    context = {"cohort": cohort, "form": form, "page": page, "is_filtered": form.has_changed()}
    return render(request, "audit/log.html", context, status=200 if is_valid else 422)


@signed_in("GET")
def log_csv(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Download the entries that the filter finds as CSV, times in the reader's zone."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = _form(request, cohort)
    if not form.is_valid():
        context = {"cohort": cohort, "form": form, "page": Page([], None), "is_filtered": True}
        return render(request, "audit/log.html", context, status=422)

    name = slugify(cohort.title, allow_unicode=True) or "cohort"
    rows = [[_("When"), _("Who"), _("What"), _("About"), _("Person"), _("Before"), _("After")]]
    for row in queries.export_entries(cohort, **form.filters):
        at = timezone.localtime(row.at).isoformat(timespec="seconds")
        rows.append([at, row.who, row.what, row.entry.about, row.whom, row.before, row.after])
    response = HttpResponse(write_csv(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{name}-audit.csv") or "attachment"
    )
    return response


def _form(request: PageRequest, cohort: Cohort) -> AuditFilterForm:
    return AuditFilterForm(request.GET, people=queries.people(cohort), auto_id="audit_%s")


app_name = "audit"
urlpatterns = [
    path("cohorts/<uuid:cohort_id>/audit/", log, name="log"),
    path("cohorts/<uuid:cohort_id>/audit.csv", log_csv, name="csv"),
]
