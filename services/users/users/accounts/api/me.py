"""REST API of the signed-in account."""

from __future__ import annotations

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response, validated
from users.accounts import access, queries
from users.accounts.actions.github import unlink_github
from users.accounts.actions.profile import change_profile
from users.accounts.api.serializers import AuditLogRowOut, ProfileIn, ProfileOut
from users.accounts.request_meta import client_info


class Me(APIView):
    @extend_schema(responses={200: ProfileOut})
    def get(self, request: Request) -> Response:
        """Get your own account."""
        account = access.own_account(principal_of(request).account_id)

        return Response(ProfileOut(account).data)

    @extend_schema(request=ProfileIn, responses={200: ProfileOut})
    def patch(self, request: Request) -> Response:
        """Update your name, language or time zone."""
        body = validated(ProfileIn, request)
        account = access.own_account(principal_of(request).account_id)

        account = change_profile(account_id=account.id, at=timezone.now(), **body)

        return Response(ProfileOut(account).data)


class GitHub(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Delete the link to GitHub. Linking is possible on the profile page only."""
        account = access.own_account(principal_of(request).account_id)

        unlink_github(account_id=account.id, client=client_info(request), at=timezone.now())

        return Response(status=204)


class Log(APIView):
    @extend_schema(parameters=[PageIn], responses={200: list_of(AuditLogRowOut)})
    def get(self, request: Request) -> Response:
        """List the audit log of your own account, newest first."""
        account = access.own_account(principal_of(request).account_id)

        page = queries.list_audit_log(account.id, **PageIn.of(request))

        return list_response(AuditLogRowOut, page)


urlpatterns = [
    path("me", Me.as_view()),
    path("me/github", GitHub.as_view()),
    path("me/log", Log.as_view()),
]
