"""REST: cohorts begun from a former one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.enqueue import enqueue_on_commit
from chassis.names import check_name
from chassis.web.auth import principal_of
from chassis.web.rest import list_of, list_response, validated
from study.cohorts.access import membership_for_operator
from study.cohorts.forms import TITLE_LENGTH, validate_day
from study.copies import access, actions, queries, tasks
from study.copies.forms import ADDRESS_LENGTH
from study.copies.models import CohortCopy, CopyState
from study.copies.rules import CopyPlan, PlannedMission
from study.missions.rules.repositories import clean_repository

MAX_PEOPLE = 1000
MAX_REPOSITORIES = 1000


class RenamedRepositoryIn(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=ADDRESS_LENGTH, help_text="As in the former cohort.")
    new_name = serializers.CharField(max_length=ADDRESS_LENGTH)

    def validate_name(self, typed: str) -> str:
        """Normalise the name: lower case, without GitHub's address."""
        return clean_repository(typed)

    def validate_new_name(self, typed: str) -> str:
        """Normalise the name: lower case, without GitHub's address."""
        return clean_repository(typed)


class CopyIn(serializers.Serializer[dict[str, Any]]):
    title = serializers.CharField(max_length=TITLE_LENGTH, validators=[check_name])
    first_day = serializers.DateField(
        validators=[validate_day],
        help_text="Of the first week; on the same weekday as in the former cohort.",
    )
    people = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=MAX_PEOPLE,
        default=list,
        help_text="Memberships of the former cohort: they are invited, with the same role and part.",
    )
    repositories = serializers.ListField(
        child=RenamedRepositoryIn(),
        max_length=MAX_REPOSITORIES,
        default=list,
        help_text="GitHub repositories that the new cohort's missions have instead; others stay.",
    )

    def validate_repositories(self, rows: list[dict[str, str]]) -> dict[str, str]:
        """Return new names by old ones."""
        return {row["name"]: row["new_name"] for row in rows}


class CopiedWeekOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    starts_on = serializers.DateField()
    topic = serializers.CharField(allow_blank=True)


class CopiedMissionOut(serializers.Serializer[PlannedMission]):
    former_id = serializers.UUIDField(source="source.id")
    title = serializers.CharField(source="source.title")
    week = serializers.IntegerField(source="source.week.number")
    part = serializers.CharField(
        source="source.part.name", default=None, allow_null=True, help_text="By name."
    )
    team = serializers.CharField(
        source="source.team.name",
        default=None,
        allow_null=True,
        help_text="By name; the new one has no members and no mentor.",
    )
    opens_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    repository = serializers.CharField(allow_blank=True)
    other_repositories = serializers.ListField(child=serializers.CharField())


class CopiedAnnouncementOut(serializers.Serializer[Any]):
    title = serializers.CharField()
    planned_for = serializers.DateTimeField(help_text="A reminder only: it is a draft.")


class CopyPlanOut(serializers.Serializer[CopyPlan]):
    title = serializers.CharField()
    weeks = serializers.SerializerMethodField()
    missions = CopiedMissionOut(many=True)
    announcements = serializers.SerializerMethodField()
    people = serializers.SerializerMethodField()

    @extend_schema_field(CopiedWeekOut(many=True))
    def get_weeks(self, plan: CopyPlan) -> Any:
        """Return the weeks with their new first days."""
        rows = [
            {"number": week.number, "starts_on": starts_on, "topic": week.topic}
            for week, starts_on in plan.weeks
        ]
        return CopiedWeekOut(rows, many=True).data

    @extend_schema_field(CopiedAnnouncementOut(many=True))
    def get_announcements(self, plan: CopyPlan) -> Any:
        """Return the announcements that are drafts in the copy."""
        rows = [{"title": row.title, "planned_for": planned_for} for row, planned_for in plan.announcements]
        return CopiedAnnouncementOut(rows, many=True).data

    def get_people(self, plan: CopyPlan) -> list[UUID]:
        """Return the memberships of the former cohort whose accounts are invited."""
        return [person.id for person in plan.people]


class CopyOut(serializers.Serializer[CohortCopy]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=CopyState.choices)
    requested_at = serializers.DateTimeField()
    cohort_id = serializers.UUIDField(allow_null=True, help_text="The new cohort, once it is there.")


def _order(request: Request, cohort_id: UUID) -> dict[str, Any]:
    principal = principal_of(request)
    return {
        "source": membership_for_operator(cohort_id, account_id=principal.account_id).cohort,
        "account_id": principal.account_id,
        "allowed": principal.can_create_cohorts,
    }


class Copies(APIView):
    @extend_schema(operation_id="list_cohort_copies", responses={200: list_of(CopyOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the cohorts that were begun from this one, newest first. Operators only."""
        membership = membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        return list_response(CopyOut, queries.copies_of(membership.cohort))

    @extend_schema(operation_id="start_cohort_copy", request=CopyIn, responses={201: CopyOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Begin a cohort from this one: parts, weeks and missions with their rubrics, dates moved.

        It is created in the background, whole or not at all. Operators who may create cohorts only; the
        caller becomes its operator.
        """
        order = _order(request, cohort_id)
        copy = actions.start_copy(at=timezone.now(), **order, **validated(CopyIn, request))
        enqueue_on_commit(tasks.create_copied_cohorts)
        return Response(CopyOut(copy).data, status=status.HTTP_201_CREATED)


class Preview(APIView):
    @extend_schema(operation_id="preview_cohort_copy", request=CopyIn, responses={200: CopyPlanOut})
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Return what a cohort begun from this one would contain; nothing is written. As for starting it."""
        order = _order(request, cohort_id)
        plan = actions.preview_copy(**order, **validated(CopyIn, request))
        return Response(CopyPlanOut(plan).data)


class CopyDetail(APIView):
    @extend_schema(operation_id="get_cohort_copy", responses={200: CopyOut})
    def get(self, request: Request, cohort_id: UUID, copy_id: UUID) -> Response:
        """Get how far a cohort is that was begun from this one. Operators only."""
        copy = access.copy_for_operator(cohort_id, copy_id, account_id=principal_of(request).account_id)
        return Response(CopyOut(copy).data)


urlpatterns = [
    path("cohorts/<uuid:cohort_id>/copies", Copies.as_view()),
    path("cohorts/<uuid:cohort_id>/copies/preview", Preview.as_view()),
    path("cohorts/<uuid:cohort_id>/copies/<uuid:copy_id>", CopyDetail.as_view()),
]
