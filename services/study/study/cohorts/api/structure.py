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
from chassis.web.rest import list_of, list_response, validated
from study.cohorts import access, actions, queries
from study.cohorts.forms import NAME_LENGTH, TOPIC_LENGTH, validate_day
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
        validators=[validate_day],
        help_text="Default: the day after the last week ends.",
    )


class WeekIn(serializers.Serializer[dict[str, Any]]):
    topic = serializers.CharField(max_length=TOPIC_LENGTH, allow_blank=True, validators=[check_name])
    starts_on = serializers.DateField(validators=[validate_day])


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


def _cohort_for_operator(request: Request, cohort_id: UUID) -> Cohort:
    return access.membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort


def _cohort_for_member(request: Request, cohort_id: UUID) -> Cohort:
    return access.membership_for_member(cohort_id, account_id=principal_of(request).account_id).cohort


class PartList(APIView):
    @extend_schema(operation_id="list_parts", responses={200: list_of(PartOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the parts of a cohort, in order."""
        cohort = _cohort_for_member(request, cohort_id)
        return list_response(PartOut, queries.parts_of(cohort))

    @extend_schema(operation_id="create_part", request=NameIn, responses={201: PartOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Create a part. Operators only."""
        cohort = _cohort_for_operator(request, cohort_id)
        part = actions.create_part(cohort=cohort, **validated(NameIn, request))

        return Response(PartOut(part).data, status=status.HTTP_201_CREATED)


class PartDetail(APIView):
    @extend_schema(operation_id="rename_part", request=NameIn, responses={200: PartOut})
    def put(self, request: Request, cohort_id: UUID, part_id: UUID) -> Response:
        """Rename a part. Operators only."""
        part = access.part_for_operator(cohort_id, part_id, account_id=principal_of(request).account_id)
        part = actions.rename_part(part=part, **validated(NameIn, request))

        return Response(PartOut(part).data)

    @extend_schema(operation_id="delete_part", responses={204: None})
    def delete(self, request: Request, cohort_id: UUID, part_id: UUID) -> Response:
        """Delete a part that never had members or content. Operators only."""
        part = access.part_for_operator(cohort_id, part_id, account_id=principal_of(request).account_id)
        actions.delete_part(part=part)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TeamList(APIView):
    @extend_schema(operation_id="list_teams", responses={200: list_of(TeamOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the teams of a cohort, by name."""
        cohort = _cohort_for_member(request, cohort_id)
        return list_response(TeamOut, queries.teams_of(cohort))

    @extend_schema(operation_id="create_team", request=NameIn, responses={201: TeamOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Create a team. Operators only."""
        cohort = _cohort_for_operator(request, cohort_id)
        team = actions.create_team(cohort=cohort, **validated(NameIn, request))

        return Response(TeamOut(team).data, status=status.HTTP_201_CREATED)


class TeamDetail(APIView):
    @extend_schema(operation_id="rename_team", request=NameIn, responses={200: TeamOut})
    def put(self, request: Request, cohort_id: UUID, team_id: UUID) -> Response:
        """Rename a team. Operators only."""
        team = access.team_for_operator(cohort_id, team_id, account_id=principal_of(request).account_id)
        team = actions.rename_team(team=team, **validated(NameIn, request))

        return Response(TeamOut(team).data)

    @extend_schema(operation_id="delete_team", responses={204: None})
    def delete(self, request: Request, cohort_id: UUID, team_id: UUID) -> Response:
        """Delete a team without members. Operators only."""
        team = access.team_for_operator(cohort_id, team_id, account_id=principal_of(request).account_id)
        actions.delete_team(team=team)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WeekList(APIView):
    @extend_schema(operation_id="list_weeks", responses={200: list_of(WeekOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the weeks of a cohort, in order."""
        cohort = _cohort_for_member(request, cohort_id)
        return list_response(WeekOut, queries.weeks_of(cohort))

    @extend_schema(operation_id="create_week", request=NewWeekIn, responses={201: WeekOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Create a week after the last one. Operators only."""
        cohort = _cohort_for_operator(request, cohort_id)
        week = actions.create_week(cohort=cohort, **validated(NewWeekIn, request))

        return Response(WeekOut(week).data, status=status.HTTP_201_CREATED)


class WeekDetail(APIView):
    @extend_schema(operation_id="update_week", request=WeekIn, responses={200: WeekOut})
    def put(self, request: Request, cohort_id: UUID, week_id: UUID) -> Response:
        """Update a week's topic and first day. Operators only."""
        week = access.week_for_operator(cohort_id, week_id, account_id=principal_of(request).account_id)
        week = actions.update_week(week=week, **validated(WeekIn, request))

        return Response(WeekOut(week).data)

    @extend_schema(operation_id="delete_week", responses={204: None})
    def delete(self, request: Request, cohort_id: UUID, week_id: UUID) -> Response:
        """Delete the last week if it has no missions. Operators only."""
        week = access.week_for_operator(cohort_id, week_id, account_id=principal_of(request).account_id)
        actions.delete_week(week=week)
        return Response(status=status.HTTP_204_NO_CONTENT)
