"""Pages: download tables of a cohort."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path

from chassis.web.auth import PageRequest, signed_in
from chassis.web.downloads import download_response
from study.cohorts.access import membership_for_operator
from study.exports import queries
from study.exports.access import ensure_any_operator
from study.exports.queries import table_file
from study.exports.rules import FORMATS


@signed_in("GET")
def exports(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Offer the tables of the cohort."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    return render(request, "exports/list.html", {"cohort": cohort, "formats": FORMATS})


@signed_in("GET")  # type: ignore[arg-type]
def download(request: PageRequest, cohort_id: UUID, table: str, file_format: str) -> HttpResponseBase:
    """Download a table."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    content = table_file(cohort, table, file_format)
    return download_response([content], name=f"{cohort.title} {table}.{file_format}", size=len(content))


@signed_in("GET")
def alumni(request: PageRequest) -> HttpResponse:
    """List the alumni of the reader's cohorts with what they did in each."""
    me = request.principal.account_id
    ensure_any_operator(account_id=me)
    page = queries.alumni(me, cursor=request.GET.get("cursor"))
    return render(request, "exports/alumni.html", {"page": page, "formats": FORMATS})


@signed_in("GET")  # type: ignore[arg-type]
def download_alumni(request: PageRequest, file_format: str) -> HttpResponseBase:
    """Download the records of the alumni."""
    me = request.principal.account_id
    ensure_any_operator(account_id=me)
    content = queries.alumni_file(me, file_format)
    return download_response([content], name=f"alumni.{file_format}", size=len(content))


app_name = "exports"
urlpatterns = [
    path("cohorts/alumni/", alumni, name="alumni"),
    path("cohorts/alumni.<slug:file_format>", download_alumni, name="download_alumni"),
    path("cohorts/<uuid:cohort_id>/exports/", exports, name="list"),
    path("cohorts/<uuid:cohort_id>/exports/<slug:table>.<slug:file_format>", download, name="download"),
]
