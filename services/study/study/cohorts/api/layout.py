"""REST: the parts, teams and weeks of a cohort."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.names import check_name
from chassis.web.auth import principal_of
from study.cohorts import access, actions, queries
from study.cohorts.api.cohorts import REFUSALS
from study.cohorts.forms import NAME_LENGTH, TOPIC_LENGTH, sensible
from study.cohorts.models import Cohort, Part, Team, Week


class NameIn(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=NAME_LENGTH, validators=[check_name])


class NewWeekIn(serializers.Serializer[dict[str, Any]]):
    topic = serializers.CharField(
        max_length=TOPIC_LENGTH, allow_blank=True, default="", validators=[check_name]
    )
    starts_on = serializers.DateField(
        allow_null=True,
        default=None,
        validators=[sensible],
        help_text="Left out: when the last week ends.",
    )


class WeekIn(serializers.Serializer[dict[str, Any]]):
    topic = serializers.CharField(max_length=TOPIC_LENGTH, allow_blank=True, validators=[check_name])
    starts_on = serializers.DateField(validators=[sensible])


class PartOut(serializers.Serializer[Part]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    position = serializers.IntegerField()


class TeamOut(serializers.Serializer[Team]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class WeekOut(serializers.Serializer[Week]):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    starts_on = serializers.DateField()
    topic = serializers.CharField(allow_blank=True)


class PartsOut(serializers.Serializer[Any]):
    results = PartOut(many=True)


class TeamsOut(serializers.Serializer[Any]):
    results = TeamOut(many=True)


class WeeksOut(serializers.Serializer[Any]):
    results = WeekOut(many=True)


def _cohort(request: Request, cohort_id: UUID) -> Cohort:
    return access.seat_to_run(cohort_id, account_id=principal_of(request).account_id).cohort


def _read(request: Request, cohort_id: UUID) -> Cohort:
    return access.seat_to_read(cohort_id, account_id=principal_of(request).account_id).cohort


class Parts(APIView):
    @extend_schema(operation_id="list_parts", responses={200: PartsOut, **REFUSALS})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """The tracks of a cohort, in order."""
        cohort = _read(request, cohort_id)
        return Response(PartsOut({"results": queries.parts_of(cohort)}).data)

    @extend_schema(operation_id="add_part", request=NameIn, responses={201: PartOut, **REFUSALS})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Add a track. Operators."""
        cohort = _cohort(request, cohort_id)
        body = NameIn(data=request.data)
        body.is_valid(raise_exception=True)

        part = actions.add_part(cohort=cohort, **body.validated_data)

        return Response(PartOut(part).data, status=status.HTTP_201_CREATED)


class OnePart(APIView):
    @extend_schema(operation_id="rename_part", request=NameIn, responses={200: PartOut, **REFUSALS})
    def put(self, request: Request, cohort_id: UUID, part_id: UUID) -> Response:
        """Rename a track. Operators."""
        part = access.part_to_run(cohort_id, part_id, account_id=principal_of(request).account_id)
        body = NameIn(data=request.data)
        body.is_valid(raise_exception=True)

        part = actions.rename_part(part=part, **body.validated_data)

        return Response(PartOut(part).data)

    @extend_schema(operation_id="remove_part", responses={204: None, **REFUSALS})
    def delete(self, request: Request, cohort_id: UUID, part_id: UUID) -> Response:
        """Remove a track that nobody and nothing was ever in. Operators."""
        part = access.part_to_run(cohort_id, part_id, account_id=principal_of(request).account_id)
        actions.remove_part(part=part)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Teams(APIView):
    @extend_schema(operation_id="list_teams", responses={200: TeamsOut, **REFUSALS})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """The teams of a cohort, by name."""
        cohort = _read(request, cohort_id)
        return Response(TeamsOut({"results": queries.teams_of(cohort)}).data)

    @extend_schema(operation_id="add_team", request=NameIn, responses={201: TeamOut, **REFUSALS})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Add a team. Operators."""
        cohort = _cohort(request, cohort_id)
        body = NameIn(data=request.data)
        body.is_valid(raise_exception=True)

        team = actions.add_team(cohort=cohort, **body.validated_data)

        return Response(TeamOut(team).data, status=status.HTTP_201_CREATED)


class OneTeam(APIView):
    @extend_schema(operation_id="rename_team", request=NameIn, responses={200: TeamOut, **REFUSALS})
    def put(self, request: Request, cohort_id: UUID, team_id: UUID) -> Response:
        """Rename a team. Operators."""
        team = access.team_to_run(cohort_id, team_id, account_id=principal_of(request).account_id)
        body = NameIn(data=request.data)
        body.is_valid(raise_exception=True)

        team = actions.rename_team(team=team, **body.validated_data)

        return Response(TeamOut(team).data)

    @extend_schema(operation_id="remove_team", responses={204: None, **REFUSALS})
    def delete(self, request: Request, cohort_id: UUID, team_id: UUID) -> Response:
        """Remove a team that nobody is in. Operators."""
        team = access.team_to_run(cohort_id, team_id, account_id=principal_of(request).account_id)
        actions.remove_team(team=team)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Weeks(APIView):
    @extend_schema(operation_id="list_weeks", responses={200: WeeksOut, **REFUSALS})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """The weeks of a cohort, in order."""
        cohort = _read(request, cohort_id)
        return Response(WeeksOut({"results": queries.weeks_of(cohort)}).data)

    @extend_schema(operation_id="add_week", request=NewWeekIn, responses={201: WeekOut, **REFUSALS})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Add a week after the last. Operators."""
        cohort = _cohort(request, cohort_id)
        body = NewWeekIn(data=request.data)
        body.is_valid(raise_exception=True)

        week = actions.add_week(cohort=cohort, **body.validated_data)

        return Response(WeekOut(week).data, status=status.HTTP_201_CREATED)


class OneWeek(APIView):
    @extend_schema(operation_id="change_week", request=WeekIn, responses={200: WeekOut, **REFUSALS})
    def put(self, request: Request, cohort_id: UUID, week_id: UUID) -> Response:
        """Change a week's topic or first day. Operators."""
        week = access.week_to_run(cohort_id, week_id, account_id=principal_of(request).account_id)
        body = WeekIn(data=request.data)
        body.is_valid(raise_exception=True)

        week = actions.change_week(week=week, **body.validated_data)

        return Response(WeekOut(week).data)

    @extend_schema(operation_id="remove_week", responses={204: None, **REFUSALS})
    def delete(self, request: Request, cohort_id: UUID, week_id: UUID) -> Response:
        """Remove the last week, if it has no missions. Operators."""
        week = access.week_to_run(cohort_id, week_id, account_id=principal_of(request).account_id)
        actions.remove_week(week=week)
        return Response(status=status.HTTP_204_NO_CONTENT)
