"""REST for other services: cohorts and memberships for mirrors, and cohorts to hand over.

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
from study.cohorts import queries
from study.cohorts.models import Cohort, Membership


class AllCohorts(APIView):
    permission_classes = [ServiceOnly]

    def get(self, request: Request) -> Response:
        """List up to 100 cohorts after the cursor `after`; `next` is the next cursor, or null."""
        page = queries.all_cohorts(request.query_params.get("after"))
        return Response({"cohorts": [_cohort(cohort) for cohort in page.rows], "next": page.next})


class AllMemberships(APIView):
    permission_classes = [ServiceOnly]

    def get(self, request: Request) -> Response:
        """List up to 100 memberships after the cursor `after`; `next` is the next cursor, or null."""
        page = queries.all_memberships(request.query_params.get("after"))
        return Response(
            {"memberships": [_membership(membership) for membership in page.rows], "next": page.next}
        )


class ToHandOver(APIView):
    permission_classes = [ServiceOnly]

    def get(self, request: Request, account_id: UUID) -> Response:
        """List cohorts that need another operator before this account closes. Only for users."""
        if principal_of(request).subject != "users":
            raise NotAllowed
        cohorts = queries.cohorts_to_hand_over(account_id)
        return Response(
            {
                "cohorts": [
                    {"title": cohort.title, "path": reverse("memberships:members", args=[cohort.id])}
                    for cohort in cohorts
                ]
            }
        )


def _cohort(cohort: Cohort) -> dict[str, Any]:
    return {"cohort_id": str(cohort.id), "title": cohort.title, "version": cohort.version}


def _membership(membership: Membership) -> dict[str, Any]:
    return {
        "membership_id": str(membership.id),
        "cohort_id": str(membership.cohort_id),
        "account_id": str(membership.account_id),
        "role": membership.role,
        "left": membership.left_at is not None,
        "version": membership.version,
    }


urlpatterns = [
    path("internal/cohorts", AllCohorts.as_view()),
    path("internal/memberships", AllMemberships.as_view()),
    path("internal/accounts/<uuid:account_id>/cohorts-to-hand-over", ToHandOver.as_view()),
]
