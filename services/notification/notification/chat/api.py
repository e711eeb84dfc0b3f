"""REST API: chat webhooks of a cohort, for its operators."""

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

from chassis.names import check_name
from chassis.web.auth import principal_of
from chassis.web.rest import list_of, list_response, validated
from notification.chat import access, actions, queries, tasks
from notification.chat.forms import NAME_LENGTH
from notification.chat.models import ChatWebhook, Platform
from notification.outgoing.client import MAX_URL_LENGTH


class ChatWebhookIn(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=NAME_LENGTH, validators=[check_name])
    url = serializers.CharField(max_length=MAX_URL_LENGTH, write_only=True)
    part_id = serializers.UUIDField(required=False, allow_null=True, help_text="Null: of every part.")


class ChatWebhookOut(serializers.Serializer[ChatWebhook]):
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="The URL is never returned.")
    platform = serializers.ChoiceField(choices=Platform.choices)
    part_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    gone_at = serializers.DateTimeField(allow_null=True, help_text="Since when the chat no longer has it.")
    error = serializers.CharField(help_text="Why the last message was not sent; empty if it was.")


class ChatWebhooks(APIView):
    @extend_schema(operation_id="list_chat_webhooks", responses={200: list_of(ChatWebhookOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the cohort's chat webhooks. Operators only."""
        access.require_operator(cohort_id, account_id=principal_of(request).account_id)
        return list_response(ChatWebhookOut, queries.cohort_chats(cohort_id).webhooks)

    @extend_schema(operation_id="create_chat_webhook", request=ChatWebhookIn, responses={201: ChatWebhookOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Add a webhook of Discord or Slack. Operators only."""
        access.require_operator(cohort_id, account_id=principal_of(request).account_id)
        body = validated(ChatWebhookIn, request)

        webhook = actions.create_webhook(cohort_id=cohort_id, at=timezone.now(), **body)

        return Response(ChatWebhookOut(webhook).data, status=status.HTTP_201_CREATED)


class ChatWebhookDetail(APIView):
    @extend_schema(operation_id="delete_chat_webhook", responses={204: None})
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        """Delete a webhook with what has not been sent."""
        webhook = access.webhook_for_operator(webhook_id, account_id=principal_of(request).account_id)

        actions.delete_webhook(webhook=webhook)

        return Response(status=status.HTTP_204_NO_CONTENT)


class ChatWebhookTest(APIView):
    @extend_schema(operation_id="test_chat_webhook", request=None, responses={202: None})
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Send a test; the list shows how it went."""
        webhook = access.webhook_for_operator(webhook_id, account_id=principal_of(request).account_id)

        actions.test_webhook(webhook=webhook, url=f"/cohorts/{webhook.cohort_id}/", at=timezone.now())
        tasks.enqueue_send_on_commit()

        return Response(status=status.HTTP_202_ACCEPTED)


urlpatterns = [
    path("cohorts/<uuid:cohort_id>/chat-webhooks", ChatWebhooks.as_view()),
    path("chat-webhooks/<uuid:webhook_id>", ChatWebhookDetail.as_view()),
    path("chat-webhooks/<uuid:webhook_id>/test", ChatWebhookTest.as_view()),
]
