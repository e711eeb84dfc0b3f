"""REST: a cohort's webhook and its deliveries."""

from __future__ import annotations

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
from study.cohorts.access import membership_for_operator
from study.github import access, queries
from study.github.actions import webhooks as actions
from study.github.models import Outcome, Webhook, WebhookDelivery


class WebhookOut(serializers.Serializer[Webhook]):
    id = serializers.UUIDField()
    cohort_id = serializers.UUIDField()
    address = serializers.CharField(
        source="payload_url", read_only=True, help_text="The payload URL to give to GitHub."
    )
    created_at = serializers.DateTimeField()
    last_ping_at = serializers.DateTimeField(allow_null=True)
    previous_until = serializers.DateTimeField(
        source="previous_secret_expires_at",
        allow_null=True,
        help_text="Until when the secret before this one is valid, or was.",
    )


class SecretOut(serializers.Serializer[actions.WebhookSecret]):
    hook = WebhookOut(source="webhook")
    secret = serializers.CharField(help_text="Shown this once.")


class DeliveryOut(serializers.Serializer[WebhookDelivery]):
    delivery_id = serializers.CharField()
    event = serializers.CharField(source="event_type")
    action = serializers.CharField()
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    received_at = serializers.DateTimeField()


class CohortWebhook(APIView):
    @extend_schema(operation_id="get_hook", responses={200: WebhookOut})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """Get the cohort's webhook, without its secret. Operators only."""
        webhook = access.webhook_for_operator(cohort_id, account_id=principal_of(request).account_id)
        return Response(WebhookOut(webhook).data)

    @extend_schema(operation_id="create_hook", request=None, responses={201: SecretOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Create the cohort's only webhook; the answer has its secret. Operators only."""
        cohort = membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        made = actions.create_webhook(cohort=cohort, by=principal_of(request).account_id, at=timezone.now())
        return Response(SecretOut(made).data, status=status.HTTP_201_CREATED)


class NewSecret(APIView):
    @extend_schema(operation_id="rotate_hook_secret", request=None, responses={200: SecretOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Create a new secret; the previous one stays valid for 24 hours. Operators only."""
        webhook = access.webhook_for_operator(cohort_id, account_id=principal_of(request).account_id)
        made = actions.rotate_secret(webhook=webhook, by=principal_of(request).account_id, at=timezone.now())
        return Response(SecretOut(made).data)


class Deliveries(APIView):
    @extend_schema(operation_id="list_deliveries", parameters=[PageIn], responses={200: list_of(DeliveryOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the deliveries by the cohort's webhook and by the GitHub App, newest first.

        Of the last 30 days. Operators only.
        """
        membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        page = queries.deliveries(cohort_id, **PageIn.of(request))
        return list_response(DeliveryOut, page)


urlpatterns = [
    path("cohorts/<uuid:cohort_id>/hook", CohortWebhook.as_view()),
    path("cohorts/<uuid:cohort_id>/hook/rotate", NewSecret.as_view()),
    path("cohorts/<uuid:cohort_id>/hook/deliveries", Deliveries.as_view()),
]
