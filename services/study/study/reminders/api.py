"""REST: reminders by an operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import validated
from study.cohorts.access import membership_for_operator
from study.missions.access import mission_for_operator
from study.reminders.actions import remind_members, remind_missing

MAX_MEMBERS = 3000


class AccountIdField(serializers.UUIDField):
    """An id as text. The base class also takes a number, which the contract does not."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        found: UUID = super().to_internal_value(data)
        return found


class RemindIn(serializers.Serializer[dict[str, Any]]):
    account_ids = serializers.ListField(
        child=AccountIdField(), required=False, allow_empty=False, max_length=MAX_MEMBERS,
        help_text="Whom to remind, of those who have not submitted. Without it, all of them.",
    )  # fmt: skip


class RemindedOut(serializers.Serializer[Any]):
    reminded = serializers.IntegerField(help_text="How many members were reminded now.")


class Reminders(APIView):
    @extend_schema(operation_id="remind_members", request=RemindIn, responses={200: RemindedOut})
    def post(self, request: Request, mission_id: UUID) -> Response:
        """Remind members who have not submitted, also after the deadline: all or some. Operators only.

        Each member is reminded at most once a day.
        """
        mission = mission_for_operator(mission_id, account_id=principal_of(request).account_id)
        body = validated(RemindIn, request)
        reminded = remind_members(mission=mission, at=timezone.now(), **body)
        return Response(RemindedOut({"reminded": reminded}).data)


class CohortReminders(APIView):
    @extend_schema(operation_id="remind_of_missing", request=RemindIn, responses={200: RemindedOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Remind members of every mission whose deadline they missed: all or some. Operators only.

        Each member is reminded of a mission at most once a day.
        """
        membership = membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        body = validated(RemindIn, request)
        reminded = remind_missing(cohort=membership.cohort, at=timezone.now(), **body)
        return Response(RemindedOut({"reminded": reminded}).data)


urlpatterns = [
    path("missions/<uuid:mission_id>/reminders", Reminders.as_view()),
    path("cohorts/<uuid:cohort_id>/reminders", CohortReminders.as_view()),
]
