"""REST API: push messages to browsers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone, translation
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import list_of, list_response, validated
from notification.outgoing.client import MAX_URL_LENGTH
from notification.push import access, actions, queries, tasks
from notification.push.models import PushSubscription


class PushKeyOut(serializers.Serializer[Any]):
    public_key = serializers.CharField(help_text="The `applicationServerKey` of a subscription.")


class PushSubscriptionIn(serializers.Serializer[dict[str, Any]]):
    endpoint = serializers.CharField(max_length=MAX_URL_LENGTH, help_text="An HTTPS URL of the push service.")
    p256dh = serializers.CharField(max_length=100, help_text="URL-safe base64.")
    auth = serializers.CharField(max_length=40, help_text="URL-safe base64.")


class PushSubscriptionOut(serializers.Serializer[PushSubscription]):
    id = serializers.UUIDField()
    host = serializers.CharField(help_text="The push service.")
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True, help_text="When it last took a message.")
    error = serializers.CharField(help_text="Why it did not take the last one; empty if it did.")


class PushKey(APIView):
    @extend_schema(operation_id="get_push_key", responses={200: PushKeyOut})
    def get(self, request: Request) -> Response:
        """Return the key with which a browser subscribes. 409 if this installation sends no push messages."""
        return Response(PushKeyOut(actions.create_vapid_key(at=timezone.now())).data)


class PushSubscriptions(APIView):
    @extend_schema(operation_id="list_push_subscriptions", responses={200: list_of(PushSubscriptionOut)})
    def get(self, request: Request) -> Response:
        """List the caller's browsers, the newest first."""
        return list_response(PushSubscriptionOut, queries.subscriptions(principal_of(request).account_id))

    @extend_schema(
        operation_id="subscribe_to_push", request=PushSubscriptionIn, responses={201: PushSubscriptionOut}
    )
    def post(self, request: Request) -> Response:
        """Subscribe a browser. The same endpoint again changes nothing but its account."""
        body = validated(PushSubscriptionIn, request)

        row = actions.subscribe(account_id=principal_of(request).account_id, at=timezone.now(), **body)

        return Response(PushSubscriptionOut(row).data, status=status.HTTP_201_CREATED)


class PushSubscriptionDetail(APIView):
    @extend_schema(operation_id="unsubscribe_from_push", responses={204: None})
    def delete(self, request: Request, subscription_id: UUID) -> Response:
        """Unsubscribe a browser."""
        account_id = principal_of(request).account_id
        row = access.subscription_for_owner(subscription_id, account_id=account_id)

        actions.unsubscribe(subscription=row)

        return Response(status=status.HTTP_204_NO_CONTENT)


class PushTest(APIView):
    @extend_schema(operation_id="test_push", request=None, responses={202: None})
    def post(self, request: Request, subscription_id: UUID) -> Response:
        """Send a test to a browser; the list shows how it went."""
        account_id = principal_of(request).account_id
        row = access.subscription_for_owner(subscription_id, account_id=account_id)

        actions.start_test(subscription=row, at=timezone.now())
        tasks.enqueue_test(row.id, translation.get_language())

        return Response(status=status.HTTP_202_ACCEPTED)


urlpatterns = [
    path("push/key", PushKey.as_view()),
    path("push/subscriptions", PushSubscriptions.as_view()),
    path("push/subscriptions/<uuid:subscription_id>", PushSubscriptionDetail.as_view()),
    path("push/subscriptions/<uuid:subscription_id>/test", PushTest.as_view()),
]
