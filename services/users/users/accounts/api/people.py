"""REST API of all accounts, for owners. 404 for everyone else."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response
from users.accounts import access, queries
from users.accounts.actions.roles import grant_cohort_creation, revoke_cohort_creation
from users.accounts.api.serializers import PersonOut
from users.accounts.request_meta import client_info


class SearchIn(PageIn):
    search = serializers.CharField(max_length=254, required=False)


class People(APIView):
    @extend_schema(parameters=[SearchIn], responses={200: list_of(PersonOut)})
    def get(self, request: Request) -> Response:
        """List all accounts, newest first; `search` is a part of a name, or a complete email address."""
        access.require_owner(principal_of(request))

        page = queries.list_accounts(**SearchIn.of(request))

        return list_response(PersonOut, page)


class CohortCreation(APIView):
    @extend_schema(operation_id="accounts_grant_cohort_creation", request=None, responses={204: None})
    def put(self, request: Request, account_id: UUID) -> Response:
        """Allow the account to create cohorts."""
        owner = access.require_owner(principal_of(request))
        account = access.account_for_owner(account_id, principal=principal_of(request))

        grant_cohort_creation(
            account_id=account.id, client=client_info(request), at=timezone.now(), by=owner.name
        )

        return Response(status=204)

    @extend_schema(operation_id="accounts_revoke_cohort_creation", responses={204: None})
    def delete(self, request: Request, account_id: UUID) -> Response:
        """Revoke the right to create cohorts; effective everywhere within ten minutes."""
        owner = access.require_owner(principal_of(request))
        account = access.account_for_owner(account_id, principal=principal_of(request))

        revoke_cohort_creation(
            account_id=account.id, client=client_info(request), at=timezone.now(), by=owner.name
        )

        return Response(status=204)


urlpatterns = [
    path("accounts", People.as_view()),
    path("accounts/<uuid:account_id>/opening", CohortCreation.as_view()),
]
