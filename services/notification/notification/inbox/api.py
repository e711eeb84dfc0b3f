"""REST API: the inbox."""

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
from notification.inbox import access, actions, queries
from notification.inbox.rules import GROUPS, KINDS

SHOW_CHOICES = ["unread", *GROUPS]


class InboxIn(PageIn):
    """Query parameters of the inbox: page and filter."""

    show = serializers.ChoiceField(
        choices=SHOW_CHOICES, required=False, help_text="Only unread notifications, or one group."
    )


class NotificationOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=sorted(KINDS))
    headline = serializers.CharField(source="rendered.headline", help_text="In the caller's language.")
    detail = serializers.CharField(source="rendered.detail")
    cohort_id = serializers.UUIDField(allow_null=True)
    cohort = serializers.CharField(help_text="Current title of the cohort.")
    url = serializers.CharField(help_text="Path of the page that it links to.")
    occurred_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class UnreadOut(serializers.Serializer[dict[str, int]]):
    unread = serializers.IntegerField()


class MarkedOut(serializers.Serializer[dict[str, int]]):
    marked = serializers.IntegerField(help_text="How many were unread before.")


class Inbox(APIView):
    @extend_schema(
        operation_id="list_notifications", parameters=[InboxIn], responses={200: list_of(NotificationOut)}
    )
    def get(self, request: Request) -> Response:
        """List the caller's notifications, newest first."""
        page = queries.inbox(principal_of(request).account_id, **InboxIn.of(request))
        return list_response(NotificationOut, page)


class Unread(APIView):
    @extend_schema(operation_id="count_unread_notifications", responses={200: UnreadOut})
    def get(self, request: Request) -> Response:
        """Return the number of the caller's unread notifications."""
        return Response(UnreadOut({"unread": queries.unread_count(principal_of(request).account_id)}).data)


class InboxRead(APIView):
    @extend_schema(operation_id="mark_all_notifications_read", request=None, responses={200: MarkedOut})
    def put(self, request: Request) -> Response:
        """Mark all of the caller's notifications as read."""
        marked = actions.mark_read(account_id=principal_of(request).account_id, at=timezone.now())
        return Response(MarkedOut({"marked": marked}).data)


class NotificationRead(APIView):
    @extend_schema(operation_id="mark_notification_read", request=None, responses={204: None})
    def put(self, request: Request, notification_id: UUID) -> Response:
        """Mark a notification as read. Idempotent."""
        account_id = principal_of(request).account_id
        row = access.notification_for_recipient(notification_id, account_id=account_id)

        actions.mark_read(account_id=account_id, ids=[row.id], at=timezone.now())

        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="mark_notification_unread", responses={204: None})
    def delete(self, request: Request, notification_id: UUID) -> Response:
        """Mark a notification as unread. Idempotent."""
        account_id = principal_of(request).account_id
        row = access.notification_for_recipient(notification_id, account_id=account_id)

        actions.mark_unread(account_id=account_id, ids=[row.id])

        return Response(status=status.HTTP_204_NO_CONTENT)


urlpatterns = [
    path("inbox", Inbox.as_view()),
    path("inbox/unread", Unread.as_view()),
    path("inbox/read", InboxRead.as_view()),
    path("inbox/<uuid:notification_id>/read", NotificationRead.as_view()),
]
