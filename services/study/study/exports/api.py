"""REST: tables of a cohort as files, and the records of alumni."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.downloads import download_response
from chassis.web.rest import PageIn, list_of, list_response
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Role
from study.exports.access import ensure_any_operator
from study.exports.queries import TABLES, alumni, table_file
from study.exports.rules import FORMATS


class RecordOut(serializers.Serializer[Any]):
    """A membership of an alumnus."""

    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    name = serializers.CharField(
        allow_null=True, allow_blank=True, help_text='null: not known yet; "": a closed account.'
    )
    cohort_id = serializers.UUIDField()
    cohort_title = serializers.CharField(source="cohort.title")
    role = serializers.ChoiceField(choices=Role.choices)
    part = serializers.CharField(allow_null=True)
    study_team = serializers.CharField(allow_null=True)
    team = serializers.CharField(allow_null=True)
    joined_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True, help_text="Null: until the cohort was closed.")
    submitted = serializers.IntegerField(help_text="How many submissions there are.")
    points = serializers.IntegerField(help_text="The sum of those that are released.")
    max_points = serializers.IntegerField()


class Alumni(APIView):
    @extend_schema(operation_id="list_alumni", parameters=[PageIn], responses={200: list_of(RecordOut)})
    def get(self, request: Request) -> Response:
        """List the memberships of people who were in cohorts of the caller, and now are in none that is open.

        Operators of any cohort only.
        """
        me = principal_of(request).account_id
        ensure_any_operator(account_id=me)
        return list_response(RecordOut, alumni(me, **PageIn.of(request)))


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
    path("alumni", Alumni.as_view()),
    path("cohorts/<uuid:cohort_id>/exports/<slug:table>/<slug:file_format>", CohortTable.as_view()),
]
