"""Paginated list of all accounts, for services that rebuild their mirror. Not routed by the gateway."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import ServiceOnly
from users.accounts import queries
from users.accounts.api.serializers import MirrorRowOut

# Services that may read email addresses.
EMAIL_CONSUMERS = {"notification"}


class AllAccounts(APIView):
    permission_classes = [ServiceOnly]

    def get(self, request: Request) -> Response:
        """List up to 100 accounts after the cursor `after`; `next` is the next cursor, or null at the end."""
        with_email = principal_of(request).subject in EMAIL_CONSUMERS

        page = queries.list_mirror_rows(after=request.query_params.get("after"), with_email=with_email)

        return Response({"accounts": [MirrorRowOut(row).data for row in page.rows], "next": page.next})


urlpatterns = [path("internal/accounts", AllAccounts.as_view())]
