"""REST API of sessions."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import list_of, list_response
from users.accounts import access
from users.accounts.request_meta import client_info
from users.signin import actions, queries


class SessionOut(serializers.Serializer[UserSession]):
    id = serializers.IntegerField()
    address = serializers.CharField(source="ip")
    agent = serializers.CharField(source="user_agent")
    since = serializers.DateTimeField(source="created_at")
    seen_at = serializers.DateTimeField(source="last_seen_at")


class Sessions(APIView):
    @extend_schema(responses={200: list_of(SessionOut)})
    def get(self, request: Request) -> Response:
        """List your sessions."""
        account = access.own_account(principal_of(request).account_id)

        rows = queries.list_sessions(account.id, at=timezone.now())

        return list_response(SessionOut, rows)

    @extend_schema(operation_id="sessions_end_all", responses={204: None})
    def delete(self, request: Request) -> Response:
        """End all your sessions; open pages stop working within ten minutes."""
        account = access.own_account(principal_of(request).account_id)

        actions.end_sessions(account_id=account.id, client=client_info(request), at=timezone.now())

        return Response(status=204)


class Session(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: int) -> Response:
        """End one of your sessions."""
        account = access.own_account(principal_of(request).account_id)

        actions.end_session(
            account_id=account.id, session_id=session_id, client=client_info(request), at=timezone.now()
        )

        return Response(status=204)


urlpatterns = [
    path("sessions", Sessions.as_view()),
    path("sessions/<int:session_id>", Session.as_view()),
]
