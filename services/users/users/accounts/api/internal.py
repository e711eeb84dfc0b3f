"""Paginated list of all accounts, for services that rebuild their mirror. Not routed by the gateway."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, ServiceOnly, list_of, list_response
from users.accounts import queries
from users.accounts.api.serializers import MirrorRowOut

# Services that may read email addresses.
EMAIL_CONSUMERS = {"notification"}


class AllAccounts(APIView):
    permission_classes = [ServiceOnly]

    @extend_schema(parameters=[PageIn], responses={200: list_of(MirrorRowOut)})
    def get(self, request: Request) -> Response:
        """List all verified accounts, to rebuild a mirror; also closed ones, so that mirrors erase them."""
        with_email = principal_of(request).subject in EMAIL_CONSUMERS

        page = queries.list_mirror_rows(**PageIn.of(request), with_email=with_email)

        return list_response(MirrorRowOut, page)


urlpatterns = [path("internal/accounts", AllAccounts.as_view())]
