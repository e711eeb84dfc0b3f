"""What peers ask: pages of cohorts and memberships to rebuild mirrors, and cohorts that need a successor.

Not routed by the gateway.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path, reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.errors import NotAllowed
from chassis.web.auth import principal_of
from chassis.web.rest import ServiceOnly
from study.cohorts.models import Cohort, Membership
from study.people import queries


class AllCohorts(APIView):
    permission_classes = [ServiceOnly]

    def get(self, request: Request) -> Response:
        """Up to 100 cohorts after the cursor `after`; `next` is the following cursor, or null at the end."""
        page = queries.all_cohorts(request.query_params.get("after"))
        return Response({"cohorts": [_cohort(one) for one in page.rows], "next": page.next})


class AllMemberships(APIView):
    permission_classes = [ServiceOnly]

    def get(self, request: Request) -> Response:
        """Up to 100 memberships after the cursor `after`; `next` as above."""
        page = queries.all_memberships(request.query_params.get("after"))
        return Response({"memberships": [_membership(one) for one in page.rows], "next": page.next})


class ToHandOver(APIView):
    permission_classes = [ServiceOnly]

    def get(self, request: Request, account_id: UUID) -> Response:
        """Cohorts that need another operator before this account closes, and where one is made. For users."""
        if principal_of(request).subject != "users":
            raise NotAllowed
        cohorts = queries.cohorts_to_hand_over(account_id)
        return Response(
            {
                "cohorts": [
                    {"title": one.title, "path": reverse("memberships:members", args=[one.id])}
                    for one in cohorts
                ]
            }
        )


def _cohort(one: Cohort) -> dict[str, Any]:
    return {"cohort_id": str(one.id), "title": one.title, "version": one.version}


def _membership(one: Membership) -> dict[str, Any]:
    return {
        "membership_id": str(one.id),
        "cohort_id": str(one.cohort_id),
        "account_id": str(one.account_id),
        "role": one.role,
        "left": one.left_at is not None,
        "version": one.version,
    }


urlpatterns = [
    path("internal/cohorts", AllCohorts.as_view()),
    path("internal/memberships", AllMemberships.as_view()),
    path("internal/accounts/<uuid:account_id>/cohorts-to-hand-over", ToHandOver.as_view()),
]
