"""REST API: failed deliveries, for owners of the installation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response
from notification.delivery import access, actions, queries, tasks


class FailureOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    channel = serializers.CharField()
    name = serializers.CharField(help_text="Name of the recipient.")
    address = serializers.CharField(help_text="Current email address of the recipient.")
    attempts = serializers.IntegerField()
    failed_at = serializers.DateTimeField()
    error = serializers.CharField(help_text="Response of the mail server.")


class Failures(APIView):
    @extend_schema(operation_id="list_failures", parameters=[PageIn], responses={200: list_of(FailureOut)})
    def get(self, request: Request) -> Response:
        """List failed deliveries, newest first. Owners only; 404 for everyone else."""
        access.require_owner(principal_of(request))
        page = queries.failures(**PageIn.of(request))
        return list_response(FailureOut, page)


class Retry(APIView):
    @extend_schema(operation_id="retry_failure", request=None, responses={202: None})
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """Retry a failed delivery with all its attempts. Owners only."""
        delivery = access.failure_for_owner(delivery_id, principal=principal_of(request))

        actions.retry_delivery(delivery=delivery, at=timezone.now())
        tasks.enqueue_send_on_commit([delivery.id])

        return Response(status=status.HTTP_202_ACCEPTED)


urlpatterns = [
    path("failures", Failures.as_view()),
    path("failures/<uuid:delivery_id>/retry", Retry.as_view()),
]
