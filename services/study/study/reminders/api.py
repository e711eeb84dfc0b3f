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
from study.missions.access import mission_for_operator
from study.reminders.actions import remind_members


class RemindedOut(serializers.Serializer[Any]):
    reminded = serializers.IntegerField(help_text="How many members were reminded now.")


class Reminders(APIView):
    @extend_schema(operation_id="remind_members", request=None, responses={200: RemindedOut})
    def post(self, request: Request, mission_id: UUID) -> Response:
        """Remind the members who have not submitted, also after the deadline. Operators only.

        Each member is reminded at most once a day.
        """
        mission = mission_for_operator(mission_id, account_id=principal_of(request).account_id)
        reminded = remind_members(mission=mission, at=timezone.now())
        return Response(RemindedOut({"reminded": reminded}).data)


urlpatterns = [path("missions/<uuid:mission_id>/reminders", Reminders.as_view())]
