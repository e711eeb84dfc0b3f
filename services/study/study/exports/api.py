"""REST: tables of a cohort as files."""

from __future__ import annotations

from uuid import UUID

from django.http import StreamingHttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.downloads import download_response
from study.cohorts.access import membership_for_operator
from study.exports.queries import TABLES, table_file
from study.exports.rules import FORMATS


class CohortTable(APIView):
    @extend_schema(
        operation_id="export_table",
        parameters=[
            OpenApiParameter("table", enum=list(TABLES), location=OpenApiParameter.PATH),
            OpenApiParameter("file_format", enum=list(FORMATS), location=OpenApiParameter.PATH),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, cohort_id: UUID, table: str, file_format: str) -> StreamingHttpResponse:
        """Download a table: people, submissions, or the released points of each member. Operators only."""
        cohort = membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        content = table_file(cohort, table, file_format)
        return download_response([content], name=f"{cohort.title} {table}.{file_format}", size=len(content))


urlpatterns = [
    path("cohorts/<uuid:cohort_id>/exports/<slug:table>/<slug:file_format>", CohortTable.as_view()),
]
