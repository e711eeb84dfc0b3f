"""All accounts, page by page, for a service that rebuilds its mirror. Not routed by the gateway."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import ServiceOnly
from users.accounts import queries
from users.accounts.api.serializers import MirrorRowOut

# Addresses are for the one service that writes letters to people.
EMAIL_CONSUMERS = {"notification"}


class AllAccounts(APIView):
    permission_classes = [ServiceOnly]

    def get(self, request: Request) -> Response:
        """Up to 100 accounts after the cursor `after`; `next` is the following cursor, or null at the end."""
        with_email = principal_of(request).subject in EMAIL_CONSUMERS

        page = queries.list_mirror_rows(after=request.query_params.get("after"), with_email=with_email)

        return Response({"accounts": [MirrorRowOut(row).data for row in page.rows], "next": page.next})


urlpatterns = [path("internal/accounts", AllAccounts.as_view())]
