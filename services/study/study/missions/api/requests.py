"""REST: members ask for more time, and operators decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.cohorts.access import membership_for_operator
from study.missions import access
from study.missions.actions.requests import (
    decide_extension_requests,
    request_extension,
    withdraw_extension_request,
)
from study.missions.forms.deadlines import REASON_LENGTH, validate_year
from study.missions.forms.requests import MAX_REQUESTS_AT_ONCE, REQUEST_LENGTH
from study.missions.models import ExtensionRequest
from study.missions.queries.requests import decided_requests, open_requests, own_requests
from study.missions.rules.deadlines import MAX_EXTENSION_HOURS


class ExtensionRequestIn(serializers.Serializer[dict[str, Any]]):
    reason = serializers.CharField(max_length=REQUEST_LENGTH, help_text="Only organizers read it.")
    asked_until = serializers.DateTimeField(
        validators=[validate_year],
        allow_null=True,
        default=None,
        help_text="After the member's deadline, at most 30 days. Null: organizers decide.",
    )


class ExtensionRequestOut(serializers.Serializer[ExtensionRequest]):
    id = serializers.UUIDField()
    mission_id = serializers.UUIDField()
    reason = serializers.CharField()
    asked_until = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    granted = serializers.BooleanField(allow_null=True, help_text="Null while it is open.")
    answer = serializers.CharField(allow_blank=True)


class CohortRequestOut(serializers.Serializer[Any]):
    request = ExtensionRequestOut()
    account_id = serializers.UUIDField(source="request.account_id")
    name = serializers.CharField(allow_null=True, allow_blank=True)
    part = serializers.CharField(allow_blank=True)
    mission_title = serializers.CharField(source="request.mission.title")
    due_at = serializers.DateTimeField(allow_null=True, help_text="The deadline now; null of who left.")


class CohortRequestsIn(PageIn):
    decided = serializers.BooleanField(default=False, help_text="Those that were decided instead.")


class DecisionIn(serializers.Serializer[dict[str, Any]]):
    request_ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_REQUESTS_AT_ONCE
    )
    granted = serializers.BooleanField()
    hours = serializers.IntegerField(
        min_value=1,
        max_value=MAX_EXTENSION_HOURS,
        required=False,
        help_text="Or `until`. With neither, each gets the time that was asked for.",
    )
    until = serializers.DateTimeField(validators=[validate_year], required=False)
    answer = serializers.CharField(max_length=REASON_LENGTH, allow_blank=True, default="")

    def validate(self, body: dict[str, Any]) -> dict[str, Any]:
        """Allow hours or an instant, not both."""
        if "hours" in body and "until" in body:
            raise serializers.ValidationError({"hours": _("Give hours or an instant, one of them.")})
        return body


class OwnExtensionRequests(APIView):
    @extend_schema(operation_id="list_own_extension_requests", responses={200: list_of(ExtensionRequestOut)})
    def get(self, request: Request, mission_id: UUID) -> Response:
        """List your own requests for more time on a mission, the open one first; not withdrawn ones."""
        me = principal_of(request).account_id
        mission, _membership = access.mission_for_member(mission_id, account_id=me)
        return list_response(ExtensionRequestOut, own_requests(mission, account_id=me))

    @extend_schema(
        operation_id="request_extension", request=ExtensionRequestIn, responses={200: ExtensionRequestOut}
    )
    def put(self, request: Request, mission_id: UUID) -> Response:
        """Ask for more time on a mission, or edit the open request. Members who have it to do."""
        body = validated(ExtensionRequestIn, request)
        me = principal_of(request).account_id
        mission, membership = access.mission_for_member(mission_id, account_id=me)

        row = request_extension(mission=mission, membership=membership, at=timezone.now(), **body)

        return Response(ExtensionRequestOut(row).data)

    @extend_schema(operation_id="withdraw_extension_request", responses={204: None})
    def delete(self, request: Request, mission_id: UUID) -> Response:
        """Withdraw the open request, if there is one, and erase its reason."""
        me = principal_of(request).account_id
        mission, _membership = access.mission_for_member(mission_id, account_id=me)
        withdraw_extension_request(mission=mission, account_id=me, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class CohortExtensionRequests(APIView):
    @extend_schema(
        operation_id="list_extension_requests",
        parameters=[CohortRequestsIn],
        responses={200: list_of(CohortRequestOut)},
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the cohort's open requests, the oldest first, or those decided last. Operators only."""
        cohort = membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        query = CohortRequestsIn.of(request)
        rows = decided_requests if query.pop("decided") else open_requests
        return list_response(CohortRequestOut, rows(cohort, **query))


class DecideExtensionRequests(APIView):
    @extend_schema(
        operation_id="decide_extension_requests",
        request=DecisionIn,
        responses={200: list_of(ExtensionRequestOut)},
    )
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Grant or decline several requests, all or none; their members are notified. Operators only."""
        me = principal_of(request).account_id
        cohort = membership_for_operator(cohort_id, account_id=me).cohort
        body = validated(DecisionIn, request)

        decided = decide_extension_requests(cohort=cohort, by=me, at=timezone.now(), **body)

        return list_response(ExtensionRequestOut, decided)
