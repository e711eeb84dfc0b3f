"""REST: requests to join, for who made one and for the operators who decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Role
from study.memberships import access, queries
from study.memberships.actions.requests import decide_requests, withdraw_request
from study.memberships.forms import MAX_MEMBERS_AT_ONCE
from study.memberships.models import JoinRequest, JoinRequestState


class _RequestOut(serializers.Serializer[JoinRequest]):
    id = serializers.UUIDField()
    role = serializers.ChoiceField(choices=Role.choices)
    part_id = serializers.UUIDField(allow_null=True)
    part = serializers.CharField(allow_null=True)
    message = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=JoinRequestState.choices)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class MyJoinRequestOut(_RequestOut):
    cohort_title = serializers.CharField(source="cohort.title")


class JoinRequestOut(_RequestOut):
    account_id = serializers.UUIDField()
    name = serializers.CharField(
        allow_null=True, allow_blank=True, help_text='null: not known yet; "": a closed account.'
    )


class DecisionsIn(serializers.Serializer[dict[str, Any]]):
    request_ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_MEMBERS_AT_ONCE
    )
    approve = serializers.BooleanField(help_text="False declines.")
    part_id = serializers.UUIDField(
        allow_null=True, default=None, help_text="For those approved, in place of the part of the request."
    )


class JoinRequestList(APIView):
    @extend_schema(
        operation_id="list_join_requests", parameters=[PageIn], responses={200: list_of(JoinRequestOut)}
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the open requests to join a cohort, the oldest first. Operators only."""
        cohort = membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        return list_response(JoinRequestOut, queries.join_requests(cohort, **PageIn.of(request)))


class JoinRequestDecisions(APIView):
    @extend_schema(
        operation_id="decide_join_requests",
        request=DecisionsIn,
        responses={200: list_of(JoinRequestOut)},
    )
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Approve or decline several requests to join, all or none; again changes nothing. Operators only.

        Of one that was decided otherwise or withdrawn meanwhile, the answer is 409 and names who asked.
        """
        me = principal_of(request).account_id
        cohort = membership_for_operator(cohort_id, account_id=me).cohort
        body = validated(DecisionsIn, request)

        decided = decide_requests(cohort=cohort, by=me, at=timezone.now(), **body)

        return list_response(JoinRequestOut, queries.named_requests(decided))


class MyJoinRequests(APIView):
    @extend_schema(
        operation_id="list_my_join_requests", parameters=[PageIn], responses={200: list_of(MyJoinRequestOut)}
    )
    def get(self, request: Request) -> Response:
        """List the caller's requests to join cohorts, the newest first; decided ones for 30 days."""
        page = queries.requests_of(principal_of(request).account_id, **PageIn.of(request))
        return list_response(MyJoinRequestOut, page)


class MyJoinRequest(APIView):
    @extend_schema(operation_id="get_my_join_request", responses={200: MyJoinRequestOut})
    def get(self, request: Request, request_id: UUID) -> Response:
        """Get a request of the caller to join a cohort, and what became of it."""
        found = access.own_request(request_id, account_id=principal_of(request).account_id)
        return Response(MyJoinRequestOut(found).data)

    @extend_schema(operation_id="withdraw_join_request", responses={204: None})
    def delete(self, request: Request, request_id: UUID) -> Response:
        """Withdraw a request of the caller that waits. Idempotent."""
        found = access.own_request(request_id, account_id=principal_of(request).account_id)
        withdraw_request(request=found, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
