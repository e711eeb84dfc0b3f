"""REST: cohorts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.names import check_name
from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.cohorts import access, actions, queries
from study.cohorts.forms import MAX_PARTS, MAX_WEEKS, NAME_LENGTH, TITLE_LENGTH, validate_day
from study.cohorts.models import Membership, Role
from study.cohorts.rules import time_zones


def validate_time_zone(name: str) -> None:
    """Validate that the name is one of the offered time zones."""
    if name not in time_zones():
        raise serializers.ValidationError(_("This is no time zone that we know."))


class CohortIn(serializers.Serializer[dict[str, Any]]):
    title = serializers.CharField(max_length=TITLE_LENGTH, validators=[check_name])
    time_zone = serializers.CharField(max_length=64, default="Asia/Seoul", validators=[validate_time_zone])
    parts = serializers.ListField(
        child=serializers.CharField(max_length=NAME_LENGTH, validators=[check_name]),
        max_length=MAX_PARTS,
        default=list,
    )
    first_day = serializers.DateField(validators=[validate_day])
    weeks = serializers.IntegerField(min_value=1, max_value=MAX_WEEKS)

    def validate_parts(self, names: list[str]) -> list[str]:
        """Reject duplicate names."""
        if len(set(names)) < len(names):
            raise serializers.ValidationError(_("A name is there twice."))
        return names


class CohortUpdateIn(serializers.Serializer[dict[str, Any]]):
    title = serializers.CharField(max_length=TITLE_LENGTH, validators=[check_name])
    time_zone = serializers.CharField(max_length=64, validators=[validate_time_zone])


class CohortOut(serializers.Serializer[Membership]):
    id = serializers.UUIDField(source="cohort_id")
    title = serializers.CharField(source="cohort.title")
    time_zone = serializers.CharField(source="cohort.time_zone")
    role = serializers.ChoiceField(choices=Role.choices, help_text="The caller's.")
    part = serializers.CharField(allow_null=True, help_text="The caller's, by name.")
    opened_at = serializers.DateTimeField(source="cohort.opened_at")
    closed_at = serializers.DateTimeField(source="cohort.closed_at", allow_null=True)
    people = serializers.IntegerField()
    weeks = serializers.IntegerField()
    first_day = serializers.DateField(allow_null=True)
    last_week_on = serializers.DateField(allow_null=True, help_text="The first day of the last week.")


class CohortList(APIView):
    @extend_schema(operation_id="list_cohorts", parameters=[PageIn], responses={200: list_of(CohortOut)})
    def get(self, request: Request) -> Response:
        """List the caller's cohorts, the newest membership first."""
        page = queries.my_cohorts(principal_of(request).account_id, **PageIn.of(request))
        return list_response(CohortOut, page)

    @extend_schema(operation_id="create_cohort", request=CohortIn, responses={201: CohortOut})
    def post(self, request: Request) -> Response:
        """Create a cohort; the caller becomes its operator."""
        body = validated(CohortIn, request)
        principal = principal_of(request)

        cohort = actions.create_cohort(
            account_id=principal.account_id, allowed=principal.can_create_cohorts, at=timezone.now(), **body
        )

        return _cohort_response(cohort.id, request, status.HTTP_201_CREATED)


class CohortDetail(APIView):
    @extend_schema(operation_id="get_cohort", responses={200: CohortOut})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """Get a cohort of the caller."""
        access.membership_for_member(cohort_id, account_id=principal_of(request).account_id)
        return _cohort_response(cohort_id, request)

    @extend_schema(operation_id="update_cohort", request=CohortUpdateIn, responses={200: CohortOut})
    def put(self, request: Request, cohort_id: UUID) -> Response:
        """Update a cohort's title and time zone. Operators only."""
        cohort = access.membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        actions.update_cohort(cohort=cohort, at=timezone.now(), **validated(CohortUpdateIn, request))

        return _cohort_response(cohort_id, request)


class CloseCohort(APIView):
    @extend_schema(operation_id="close_cohort", request=None, responses={200: CohortOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Close a cohort: no new members, invitations, submissions, missions, deadlines or announcements.

        Submitted work can still be reviewed. Operators only.
        """
        cohort = access.membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        actions.close_cohort(cohort=cohort, at=timezone.now())
        return _cohort_response(cohort_id, request)


class ReopenCohort(APIView):
    @extend_schema(operation_id="reopen_cohort", request=None, responses={200: CohortOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Reopen a closed cohort: everything that closing stopped is possible again. Operators only."""
        cohort = access.membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort
        actions.reopen_cohort(cohort=cohort)
        return _cohort_response(cohort_id, request)


def _cohort_response(cohort_id: UUID, request: Request, code: int = status.HTTP_200_OK) -> Response:
    row = queries.my_cohort(cohort_id, account_id=principal_of(request).account_id)
    return Response(CohortOut(row).data, status=code)
