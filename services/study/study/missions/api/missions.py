"""REST: missions and their rubrics."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.names import check_name
from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.cohorts.access import membership_for_member, membership_for_operator
from study.github.models import RepositoryState
from study.missions import access
from study.missions.actions.missions import create_mission, delete_mission, update_mission
from study.missions.actions.rubrics import set_rubric
from study.missions.forms.deadlines import validate_year
from study.missions.forms.mission import (
    BODY_LENGTH,
    MARKER_LENGTH,
    MAX_OTHER_REPOSITORIES,
    TITLE_LENGTH,
    validate_marker,
)
from study.missions.models import CompletedBy, SubmissionKind
from study.missions.queries.missions import MissionRow, list_missions
from study.missions.queries.rubric import rubric_of
from study.missions.rules.deadlines import STATUSES
from study.missions.rules.repositories import REPOSITORY_LENGTH, clean_repository
from study.missions.rules.rubric import (
    LABEL_LENGTH,
    MAX_CRITERIA,
    MAX_LEVELS,
    MAX_POINTS,
)
from study.missions.rules.rubric import TITLE_LENGTH as CRITERION_LENGTH


class LevelIn(serializers.Serializer[dict[str, Any]]):
    points = serializers.IntegerField(min_value=0, max_value=MAX_POINTS)
    label = serializers.CharField(max_length=LABEL_LENGTH, validators=[check_name])  # type: ignore[assignment]


class CriterionIn(serializers.Serializer[dict[str, Any]]):
    title = serializers.CharField(max_length=CRITERION_LENGTH, validators=[check_name])
    levels = serializers.ListField(child=LevelIn(), min_length=2, max_length=MAX_LEVELS)


class RubricIn(serializers.Serializer[dict[str, Any]]):
    criteria = serializers.ListField(child=CriterionIn(), max_length=MAX_CRITERIA)


class MissionIn(serializers.Serializer[dict[str, Any]]):
    title = serializers.CharField(max_length=TITLE_LENGTH, validators=[check_name])
    week_id = serializers.UUIDField()
    part_id = serializers.UUIDField(allow_null=True, default=None, help_text="Null for everyone.")
    team_id = serializers.UUIDField(allow_null=True, default=None, help_text="Only without a part.")
    accepts = serializers.ListField(
        child=serializers.ChoiceField(choices=SubmissionKind.choices),
        min_length=1,
        max_length=len(SubmissionKind),
        default=[SubmissionKind.PULL_REQUEST.value],
        help_text="What members submit.",
    )
    repository = serializers.CharField(
        max_length=REPOSITORY_LENGTH + 160,
        allow_blank=True,
        default="",
        help_text="Its address on GitHub, or owner/name. Only for pull requests, which need it.",
    )
    other_repositories = serializers.ListField(
        child=serializers.CharField(max_length=REPOSITORY_LENGTH + 160),
        max_length=MAX_OTHER_REPOSITORIES,
        default=list,
        help_text="Others from which its pull requests come, such as one per part.",
    )
    marker = serializers.CharField(
        max_length=MARKER_LENGTH,
        allow_blank=True,
        default="",
        validators=[check_name, validate_marker],
        help_text="Text in the title, a branch or a label of its pull requests; empty without one.",
    )
    completed_by = serializers.ChoiceField(
        choices=CompletedBy.choices, default=CompletedBy.REVIEW, help_text="What completes it for a member."
    )
    body = serializers.CharField(max_length=BODY_LENGTH, allow_blank=True, help_text="Markdown.")
    opens_at = serializers.DateTimeField(
        allow_null=True, default=None, validators=[validate_year], help_text="Null: as the week begins."
    )
    due_at = serializers.DateTimeField(
        allow_null=True,
        default=None,
        validators=[validate_year],
        help_text="Null: 23:59 on the week's last day, in the cohort's zone.",
    )

    def validate_repository(self, text: str) -> str:
        """Owner and name in lower case; "" without one."""
        return clean_repository(text) if text else ""

    def validate_other_repositories(self, texts: list[str]) -> list[str]:
        """Owner and name of each, in lower case."""
        return [clean_repository(text) for text in texts]


class NewMissionIn(MissionIn):
    rubric = serializers.ListField(child=CriterionIn(), max_length=MAX_CRITERIA, default=list)

    def get_fields(self) -> dict[str, Any]:
        """Let the body be "" by default; in an update, a missing one stays as it is."""
        fields = super().get_fields()
        fields["body"].default, fields["body"].required = "", False
        return fields


class StepOut(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    at = serializers.DateTimeField(allow_null=True, help_text="An instant that was set, or null.")
    hours = serializers.IntegerField(help_text="Hours that are added.")
    reason = serializers.CharField(allow_blank=True)


class DeadlineOut(serializers.Serializer[Any]):
    """The deadline that binds the caller, as the sum that leads to it."""

    at = serializers.DateTimeField()
    steps = StepOut(many=True)


class LevelOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    points = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]


class CriterionOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    levels = LevelOut(many=True)


class RubricOut(serializers.Serializer[Any]):
    criteria = CriterionOut(many=True)


class RepositoryOut(serializers.Serializer[Any]):
    """What GitHub has said of a mission's repository."""

    github_id = serializers.IntegerField(help_text="GitHub's immutable id, by which it is recognised.")
    previous_name = serializers.CharField(
        help_text="Before the newest rename or transfer; empty without one."
    )
    state = serializers.ChoiceField(choices=RepositoryState.choices)
    state_at = serializers.DateTimeField(allow_null=True)


class MissionOut(serializers.Serializer[MissionRow]):
    id = serializers.UUIDField(source="mission.id")
    title = serializers.CharField(source="mission.title")
    part_id = serializers.UUIDField(source="mission.part_id", allow_null=True)
    part = serializers.CharField(allow_blank=True)
    team_id = serializers.UUIDField(source="mission.team_id", allow_null=True)
    team = serializers.CharField(allow_blank=True, help_text="Empty if it is for no team alone.")
    week_id = serializers.UUIDField(source="mission.week_id")
    week = serializers.IntegerField(source="mission.week.number")
    repository = serializers.CharField(
        allow_blank=True,
        help_text="Empty for members before it opens, and where no pull requests are submitted.",
    )
    accepts = serializers.ListField(
        source="mission.accepts", child=serializers.ChoiceField(choices=SubmissionKind.choices)
    )
    completed_by = serializers.ChoiceField(
        source="mission.completed_by",
        choices=CompletedBy.choices,
        help_text="What completes it for a member.",
    )
    opens_at = serializers.DateTimeField(source="mission.opens_at")
    due_at = serializers.DateTimeField(source="mission.due_at", help_text="Everyone's.")
    due = DeadlineOut(source="deadline")
    is_open = serializers.BooleanField()
    is_mine = serializers.BooleanField(help_text="Whether it is the caller's to do.")
    state = serializers.ChoiceField(source="status", choices=STATUSES, help_text="The status for the caller.")
    submission_id = serializers.UUIDField(
        source="mission.submission_id", allow_null=True, help_text="The caller's."
    )
    handed_in = serializers.IntegerField(source="mission.handed_in", help_text="By how many.")


class MissionDetailOut(MissionOut):
    other_repositories = serializers.ListField(child=serializers.CharField())
    marker = serializers.CharField(source="mission.marker", allow_blank=True)
    body = serializers.CharField(allow_blank=True, help_text="Empty for members before it opens.")
    rubric = CriterionOut(many=True)
    github = RepositoryOut(
        allow_null=True, help_text="For organizers; null until the first delivery or poll."
    )


class Missions(APIView):
    @extend_schema(operation_id="list_missions", parameters=[PageIn], responses={200: list_of(MissionOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the missions of a cohort by deadline, with their status for the caller."""
        membership = membership_for_member(cohort_id, account_id=principal_of(request).account_id)
        page = list_missions(membership, now=timezone.now(), **PageIn.of(request))
        return list_response(MissionOut, page)

    @extend_schema(operation_id="create_mission", request=NewMissionIn, responses={201: MissionDetailOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Create a mission. Operators only."""
        membership = membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        body = validated(NewMissionIn, request)

        mission = create_mission(
            cohort=membership.cohort, by=membership.account_id, at=timezone.now(), **body
        )

        return _detail(mission.id, membership.account_id, status.HTTP_201_CREATED)


class MissionDetail(APIView):
    @extend_schema(operation_id="get_mission", responses={200: MissionDetailOut})
    def get(self, request: Request, mission_id: UUID) -> Response:
        """Get a mission with its status for the caller."""
        return _detail(mission_id, principal_of(request).account_id)

    @extend_schema(operation_id="update_mission", request=MissionIn, responses={200: MissionDetailOut})
    def patch(self, request: Request, mission_id: UUID) -> Response:
        """Update the given fields of a mission. Operators only."""
        me = principal_of(request).account_id
        mission = access.mission_for_operator(mission_id, account_id=me)
        body = validated(MissionIn, request, partial=True)
        as_it_is = {name: getattr(mission, name) for name in MissionIn().get_fields()}

        update_mission(mission=mission, by=me, at=timezone.now(), **as_it_is | body)

        return _detail(mission_id, me)

    @extend_schema(operation_id="delete_mission", responses={204: None})
    def delete(self, request: Request, mission_id: UUID) -> Response:
        """Delete a mission without submissions. Operators only."""
        mission = access.mission_for_operator(mission_id, account_id=principal_of(request).account_id)
        delete_mission(mission=mission, by=principal_of(request).account_id, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Rubric(APIView):
    @extend_schema(operation_id="set_rubric", request=RubricIn, responses={200: RubricOut})
    def put(self, request: Request, mission_id: UUID) -> Response:
        """Replace the rubric of a mission; impossible once a review uses it. Operators only."""
        mission = access.mission_for_operator(mission_id, account_id=principal_of(request).account_id)
        body = validated(RubricIn, request)

        set_rubric(
            cohort=mission.cohort,
            missions=[mission.id],
            rubric=body["criteria"],
            by=principal_of(request).account_id,
            at=timezone.now(),
        )

        return Response(RubricOut({"criteria": rubric_of(mission)}).data)


def _detail(mission_id: UUID, account_id: UUID, code: int = status.HTTP_200_OK) -> Response:
    mission, membership = access.mission_for_member(mission_id, account_id=account_id)
    return Response(MissionDetailOut(MissionRow(mission, membership, timezone.now())).data, status=code)
