"""REST: the audit log of a cohort."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response
from study.audit import queries
from study.audit.forms import validate_time
from study.cohorts.access import membership_for_operator
from study.cohorts.models import AuditKind


class AuditIn(PageIn):
    kind = serializers.ChoiceField(choices=AuditKind.choices, required=False)
    person_id = serializers.UUIDField(
        required=False, help_text="The account that did it, or that it is about."
    )
    since = serializers.DateTimeField(required=False, validators=[validate_time])
    until = serializers.DateTimeField(required=False, validators=[validate_time], help_text="Not included.")


class AuditEntryOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=AuditKind.choices)
    field = serializers.CharField(
        allow_blank=True, help_text="Which field of it; empty for the thing itself."
    )
    about = serializers.CharField(allow_blank=True, help_text="The mission's title, as it was.")
    actor_id = serializers.UUIDField(allow_null=True, help_text="Null: it happened by itself.")
    actor_name = serializers.CharField(source="actor", allow_null=True, allow_blank=True)
    subject_id = serializers.UUIDField(allow_null=True, help_text="The account that it is about.")
    subject_name = serializers.CharField(source="subject", allow_null=True, allow_blank=True)
    before = serializers.CharField(allow_blank=True, help_text="Empty: there was none, or it is not kept.")
    after = serializers.CharField(allow_blank=True, help_text="Empty: there is none, or it is not kept.")
    count = serializers.IntegerField(allow_null=True, help_text="Submissions, of reassigned reviews.")


class AuditLog(APIView):
    @extend_schema(
        operation_id="list_audit_entries", parameters=[AuditIn], responses={200: list_of(AuditEntryOut)}
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List who changed what in a cohort in the last two years, the newest first. Operators only."""
        cohort = membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        return list_response(AuditEntryOut, queries.list_entries(cohort, **AuditIn.of(request)))


urlpatterns = [path("cohorts/<uuid:cohort_id>/audit", AuditLog.as_view())]
