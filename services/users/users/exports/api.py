"""REST API of exports, and the internal endpoint to which other services upload their sections."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.errors import NotFound
from chassis.web.auth import principal_of
from chassis.web.rest import ServiceOnly
from users.accounts.access import own_account
from users.accounts.request_meta import client_info
from users.exports import access, actions, queries
from users.exports.models import Export

OBJECT = {"type": "object", "additionalProperties": True}


class ExportOut(serializers.Serializer[Export]):
    id = serializers.UUIDField()
    requested_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    is_complete = serializers.BooleanField()


class Exports(APIView):
    @extend_schema(request=None, responses={202: ExportOut})
    def post(self, request: Request) -> Response:
        """Request an export of all your personal data."""
        account = own_account(principal_of(request).account_id)

        export = actions.request_export(
            account_id=account.id,
            own=queries.own_section(account),
            client=client_info(request),
            at=timezone.now(),
        )

        return Response(ExportOut(export).data, status=202)


class ExportDetail(APIView):
    @extend_schema(responses={200: ExportOut})
    def get(self, request: Request, export_id: UUID) -> Response:
        """Get the progress of an export."""
        account = own_account(principal_of(request).account_id)
        export = access.own_export(export_id, account_id=account.id, at=timezone.now())

        return Response(ExportOut(export).data)


class ExportContent(APIView):
    @extend_schema(responses={200: OBJECT})
    def get(self, request: Request, export_id: UUID) -> Response:
        """Get the exported data, each service's section under its name. 404 until the export is complete."""
        account = own_account(principal_of(request).account_id)
        export = access.own_export(export_id, account_id=account.id, at=timezone.now())
        if not export.is_complete:
            raise NotFound

        return Response(queries.get_contents(export))


class SectionFromPeer(APIView):
    permission_classes = [ServiceOnly]

    @extend_schema(request={"application/json": OBJECT}, responses={204: None})
    def put(self, request: Request, export_id: UUID, service: str) -> Response:
        """Store the section of the calling service, any JSON object. A second upload replaces the first.

        404: the export expired, or its account was closed; the service is done.
        """
        content: Any = request.data
        if not isinstance(content, dict):
            raise ValidationError({"": ["A JSON object."]})

        actions.receive_section(
            export_id=export_id,
            service=service,
            sender=principal_of(request).subject,
            content=content,
            at=timezone.now(),
        )

        return Response(status=204)


internal = [path("internal/exports/<uuid:export_id>/<str:service>", SectionFromPeer.as_view())]
urlpatterns = [
    path("exports", Exports.as_view()),
    path("exports/<uuid:export_id>", ExportDetail.as_view()),
    path("exports/<uuid:export_id>/content", ExportContent.as_view()),
]
