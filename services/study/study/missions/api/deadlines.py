"""REST: other deadlines than everyone's."""

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
from chassis.web.rest import list_of, list_response, validated
from study.missions import access
from study.missions.actions.deadlines import (
    clear_part_deadline,
    grant_extension,
    grant_extensions,
    set_part_deadline,
    withdraw_extension,
)
from study.missions.api.missions import DeadlineOut
from study.missions.forms.deadlines import MAX_EXTENSIONS_AT_ONCE, REASON_LENGTH, validate_year
from study.missions.models import Mission
from study.missions.queries.deadlines import list_extensions, parts_with_deadline
from study.missions.rules.deadlines import MAX_EXTENSION_HOURS


class PartDeadlineIn(serializers.Serializer[dict[str, Any]]):
    due_at = serializers.DateTimeField(validators=[validate_year], help_text="After everyone's.")


class PartDeadlineOut(serializers.Serializer[Any]):
    part_id = serializers.UUIDField(source="id")
    name = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True, help_text="Null: everyone's holds.")


class ExtensionIn(serializers.Serializer[dict[str, Any]]):
    membership_id = serializers.UUIDField()
    hours = serializers.IntegerField(min_value=1, max_value=MAX_EXTENSION_HOURS)
    reason = serializers.CharField(max_length=REASON_LENGTH)


class ExtensionsIn(serializers.Serializer[dict[str, Any]]):
    membership_ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_EXTENSIONS_AT_ONCE
    )
    hours = serializers.IntegerField(
        min_value=1,
        max_value=MAX_EXTENSION_HOURS,
        required=False,
        help_text="Or `until`. Who has as many already keeps them.",
    )
    until = serializers.DateTimeField(
        validators=[validate_year], required=False, help_text="Who has more time already keeps it."
    )
    reason = serializers.CharField(max_length=REASON_LENGTH)

    def validate(self, body: dict[str, Any]) -> dict[str, Any]:
        """Require hours or an instant, and not both."""
        if ("hours" in body) == ("until" in body):
            raise serializers.ValidationError({"hours": _("Give hours or an instant, one of them.")})
        return body


class ExtensionOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    membership_id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True, allow_blank=True)
    part = serializers.CharField(source="part_name", allow_blank=True)
    hours = serializers.IntegerField()
    reason = serializers.CharField()
    due = DeadlineOut(source="deadline", help_text="The deadline that it leads to.")
    granted_by = serializers.CharField(source="granter", allow_null=True, allow_blank=True)
    granted_at = serializers.DateTimeField()


class PartDeadlines(APIView):
    @extend_schema(operation_id="list_part_deadlines", responses={200: list_of(PartDeadlineOut)})
    def get(self, request: Request, mission_id: UUID) -> Response:
        """List the parts and their own deadlines. Operators only."""
        mission = access.mission_for_operator(mission_id, account_id=principal_of(request).account_id)
        return _part_deadlines(mission)


class PartDeadlineDetail(APIView):
    @extend_schema(
        operation_id="set_part_deadline", request=PartDeadlineIn, responses={200: list_of(PartDeadlineOut)}
    )
    def put(self, request: Request, mission_id: UUID, part_id: UUID) -> Response:
        """Set a later deadline for one part on a mission for everyone. Operators only."""
        mission = access.mission_for_operator(mission_id, account_id=principal_of(request).account_id)
        body = validated(PartDeadlineIn, request)

        set_part_deadline(
            mission=mission, part_id=part_id, by=principal_of(request).account_id, at=timezone.now(), **body
        )

        return _part_deadlines(mission)

    @extend_schema(operation_id="clear_part_deadline", responses={204: None})
    def delete(self, request: Request, mission_id: UUID, part_id: UUID) -> Response:
        """Delete a part's own deadline. Operators only."""
        mission = access.mission_for_operator(mission_id, account_id=principal_of(request).account_id)
        clear_part_deadline(
            mission=mission, part_id=part_id, by=principal_of(request).account_id, at=timezone.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class Extensions(APIView):
    @extend_schema(operation_id="list_extensions", responses={200: list_of(ExtensionOut)})
    def get(self, request: Request, mission_id: UUID) -> Response:
        """List the extensions in force, newest first. Operators only."""
        mission = access.mission_for_operator(mission_id, account_id=principal_of(request).account_id)
        return _extensions(mission)

    @extend_schema(
        operation_id="grant_extension", request=ExtensionIn, responses={201: list_of(ExtensionOut)}
    )
    def post(self, request: Request, mission_id: UUID) -> Response:
        """Grant a member more time; replaces an earlier extension. Operators only."""
        mission = access.mission_for_operator(mission_id, account_id=principal_of(request).account_id)
        body = validated(ExtensionIn, request)

        grant_extension(
            mission=mission, granted_by=principal_of(request).account_id, at=timezone.now(), **body
        )

        return _extensions(mission, status.HTTP_201_CREATED)


class SeveralExtensions(APIView):
    @extend_schema(
        operation_id="grant_extensions", request=ExtensionsIn, responses={201: list_of(ExtensionOut)}
    )
    def post(self, request: Request, mission_id: UUID) -> Response:
        """Grant several members more time, all or none. Operators only."""
        me = principal_of(request).account_id
        mission = access.mission_for_operator(mission_id, account_id=me)
        body = validated(ExtensionsIn, request)

        grant_extensions(mission=mission, granted_by=me, at=timezone.now(), **body)

        return _extensions(mission, status.HTTP_201_CREATED)


class ExtensionDetail(APIView):
    @extend_schema(operation_id="withdraw_extension", responses={204: None})
    def delete(self, request: Request, mission_id: UUID, extension_id: UUID) -> Response:
        """Withdraw an extension. Operators only."""
        account_id = principal_of(request).account_id
        extension = access.extension_for_operator(mission_id, extension_id, account_id=account_id)
        withdraw_extension(extension=extension, by=account_id, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _part_deadlines(mission: Mission) -> Response:
    return list_response(PartDeadlineOut, parts_with_deadline(mission))


def _extensions(mission: Mission, code: int = status.HTTP_200_OK) -> Response:
    return list_response(ExtensionOut, list_extensions(mission), status=code)
