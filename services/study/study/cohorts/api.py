"""REST: cohorts and their parts, teams and weeks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
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
from study.cohorts.forms import MAX_PARTS, MAX_WEEKS, NAME_LENGTH, TITLE_LENGTH, TOPIC_LENGTH, validate_day
from study.cohorts.models import Cohort, Membership, Part, Role, Team, TeamKind, Week
from study.cohorts.rules import time_zones


def validate_time_zone(name: str) -> None:
    """Validate that the name is one of the offered time zones."""
    if name not in time_zones():
        raise serializers.ValidationError(_("Unknown time zone"))


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


class ApprovalIn(serializers.Serializer[dict[str, Any]]):
    is_on = serializers.BooleanField()


class CohortOut(serializers.Serializer[Membership]):
    id = serializers.UUIDField(source="cohort_id")
    title = serializers.CharField(source="cohort.title")
    time_zone = serializers.CharField(source="cohort.time_zone")
    role = serializers.ChoiceField(choices=Role.choices, help_text="The caller's.")
    part = serializers.CharField(allow_null=True, help_text="The caller's, by name.")
    opened_at = serializers.DateTimeField(source="cohort.opened_at")
    closed_at = serializers.DateTimeField(source="cohort.closed_at", allow_null=True)
    assigns_reviewers = serializers.BooleanField(
        source="cohort.assigns_reviewers", help_text="Whether new submissions get a reviewer by themselves."
    )
    joins_by_approval = serializers.BooleanField(
        source="cohort.joins_by_approval",
        help_text="Whether those who use a shared invitation link wait until an organizer approves.",
    )
    people = serializers.IntegerField()
    weeks = serializers.IntegerField()
    first_day = serializers.DateField(allow_null=True)
    last_week_on = serializers.DateField(allow_null=True, help_text="The first day of the last week.")


class NameIn(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=NAME_LENGTH, validators=[check_name])


class TeamIn(NameIn):
    kind = serializers.ChoiceField(choices=TeamKind.choices, required=False)
    mentor_id = serializers.UUIDField(
        allow_null=True,
        required=False,
        help_text="The account of a mentor or organizer, who reviews the members' new submissions.",
    )


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
    kind = serializers.ChoiceField(choices=TeamKind.choices)
    mentor_id = serializers.UUIDField(
        allow_null=True, help_text="An account; one that reviews here no more is not asked."
    )


class WeekOut(serializers.Serializer[Week]):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    starts_on = serializers.DateField()
    topic = serializers.CharField(allow_blank=True)


def _cohort_for_operator(request: Request, cohort_id: UUID) -> Cohort:
    return access.membership_for_operator(cohort_id, account_id=principal_of(request).account_id).cohort


def _cohort_for_member(request: Request, cohort_id: UUID) -> Cohort:
    return access.membership_for_member(cohort_id, account_id=principal_of(request).account_id).cohort


class CohortList(APIView):
    @extend_schema(operation_id="list_cohorts", parameters=[PageIn], responses={200: list_of(CohortOut)})
    def get(self, request: Request) -> Response:
        """List the caller's cohorts: running ones first, and of these the newest membership first."""
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
        cohort = _cohort_for_operator(request, cohort_id)
        actions.update_cohort(cohort=cohort, at=timezone.now(), **validated(CohortUpdateIn, request))

        return _cohort_response(cohort_id, request)


class JoiningByApproval(APIView):
    @extend_schema(operation_id="set_joining_by_approval", request=ApprovalIn, responses={204: None})
    def put(self, request: Request, cohort_id: UUID) -> Response:
        """Set whether those who use a shared invitation link wait until an operator approves. Operators only.

        Off leaves the open requests to be decided.
        """
        body = validated(ApprovalIn, request)
        actions.set_joining_by_approval(cohort=_cohort_for_operator(request, cohort_id), **body)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CloseCohort(APIView):
    @extend_schema(operation_id="close_cohort", request=None, responses={200: CohortOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Close a cohort: no new members, invitations, submissions, missions, deadlines or announcements.

        Submitted work can still be reviewed. Operators only.
        """
        cohort = _cohort_for_operator(request, cohort_id)
        actions.close_cohort(cohort=cohort, at=timezone.now())
        return _cohort_response(cohort_id, request)


class ReopenCohort(APIView):
    @extend_schema(operation_id="reopen_cohort", request=None, responses={200: CohortOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Reopen a closed cohort: everything that closing stopped is possible again. Operators only."""
        cohort = _cohort_for_operator(request, cohort_id)
        actions.reopen_cohort(cohort=cohort)
        return _cohort_response(cohort_id, request)


def _cohort_response(cohort_id: UUID, request: Request, code: int = status.HTTP_200_OK) -> Response:
    row = queries.my_cohort(cohort_id, account_id=principal_of(request).account_id)
    return Response(CohortOut(row).data, status=code)


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
        part = actions.create_part(cohort=cohort, at=timezone.now(), **validated(NameIn, request))

        return Response(PartOut(part).data, status=status.HTTP_201_CREATED)


class PartDetail(APIView):
    @extend_schema(operation_id="rename_part", request=NameIn, responses={200: PartOut})
    def put(self, request: Request, cohort_id: UUID, part_id: UUID) -> Response:
        """Rename a part. Operators only."""
        part = access.part_for_operator(cohort_id, part_id, account_id=principal_of(request).account_id)
        part = actions.rename_part(part=part, at=timezone.now(), **validated(NameIn, request))

        return Response(PartOut(part).data)

    @extend_schema(operation_id="delete_part", responses={204: None})
    def delete(self, request: Request, cohort_id: UUID, part_id: UUID) -> Response:
        """Delete a part that never had members or content. Operators only."""
        part = access.part_for_operator(cohort_id, part_id, account_id=principal_of(request).account_id)
        actions.delete_part(part=part, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class TeamList(APIView):
    @extend_schema(operation_id="list_teams", responses={200: list_of(TeamOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the teams of a cohort, by name."""
        cohort = _cohort_for_member(request, cohort_id)
        return list_response(TeamOut, queries.teams_of(cohort))

    @extend_schema(operation_id="create_team", request=TeamIn, responses={201: TeamOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Create a team, of projects unless its kind is given. Operators only."""
        cohort = _cohort_for_operator(request, cohort_id)
        team = actions.create_team(cohort=cohort, **validated(TeamIn, request))

        return Response(TeamOut(team).data, status=status.HTTP_201_CREATED)


class TeamDetail(APIView):
    @extend_schema(operation_id="update_team", request=TeamIn, responses={200: TeamOut})
    def put(self, request: Request, cohort_id: UUID, team_id: UUID) -> Response:
        """Update a team's name, kind and mentor; kind and mentor stay if left out. Operators only."""
        team = access.team_for_operator(cohort_id, team_id, account_id=principal_of(request).account_id)
        kept = {"kind": team.kind, "mentor_id": team.mentor_id}
        team = actions.update_team(team=team, **{**kept, **validated(TeamIn, request)})

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


urlpatterns = [
    path("cohorts", CohortList.as_view()),
    path("cohorts/<uuid:cohort_id>", CohortDetail.as_view()),
    path("cohorts/<uuid:cohort_id>/joining-by-approval", JoiningByApproval.as_view()),
    path("cohorts/<uuid:cohort_id>/close", CloseCohort.as_view()),
    path("cohorts/<uuid:cohort_id>/reopen", ReopenCohort.as_view()),
    path("cohorts/<uuid:cohort_id>/parts", PartList.as_view()),
    path("cohorts/<uuid:cohort_id>/parts/<uuid:part_id>", PartDetail.as_view()),
    path("cohorts/<uuid:cohort_id>/teams", TeamList.as_view()),
    path("cohorts/<uuid:cohort_id>/teams/<uuid:team_id>", TeamDetail.as_view()),
    path("cohorts/<uuid:cohort_id>/weeks", WeekList.as_view()),
    path("cohorts/<uuid:cohort_id>/weeks/<uuid:week_id>", WeekDetail.as_view()),
]
