"""Stock Django REST framework: ModelSerializer, generic views and CursorPagination."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.pagination import CursorPagination

from rivals.models import Attempt, Membership, Submission, TimelineEvent, submissions
from rivals.rules import PAGE_SIZE, REVIEWERS


class NewestFirst(CursorPagination):
    page_size = PAGE_SIZE
    ordering = ("-created_at", "-id")


class SubmissionSerializer(serializers.ModelSerializer[Submission]):
    cohort_title = serializers.CharField(source="cohort.title")
    mission_title = serializers.CharField(source="mission.title")
    week = serializers.IntegerField(source="mission.week.number")
    name = serializers.CharField(source="account.name", default=None)
    mentor_id = serializers.UUIDField(source="mentor.account_id", default=None)
    mentor = serializers.CharField(source="mentor.name", default=None)
    repository = serializers.CharField(source="pull_request.repository.name", default=None)
    mission_rule = serializers.CharField(source="pull_request.decision.rule", default=None)
    number = serializers.IntegerField(source="pull_request.number", default=None)
    url = serializers.CharField(source="pull_request.url", default=None)
    attempts = serializers.IntegerField(source="attempts_count")
    completion_login = serializers.CharField(source="completing_event.actor", default=None)

    class Meta:
        model = Submission
        fields = [
            "id", "cohort_id", "cohort_title", "mission_id", "mission_title", "week", "account_id", "name",
            "mentor_id", "mentor", "repository", "mission_rule", "number", "url", "state", "is_late",
            "was_late", "attempts", "points", "max_points", "released_at", "completed_at", "completion",
            "completion_login", "handed_in_at", "created_at",
        ]  # fmt: skip


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    clock = serializers.CharField(source="counted_by", allow_null=True)

    class Meta:
        model = Attempt
        fields = [
            "number", "head_sha", "work", "source", "received_at", "clock", "due_at", "late_seconds",
            "is_late",
        ]  # fmt: skip


class TimelineEventSerializer(serializers.ModelSerializer[TimelineEvent]):
    class Meta:
        model = TimelineEvent
        fields = ["kind", "at", "actor", "sha", "before_sha", "text", "count"]


class SubmissionDetailSerializer(serializers.Serializer[Submission]):
    submission = SubmissionSerializer(source="*")
    attempts = AttemptSerializer(many=True)
    timeline = TimelineEventSerializer(many=True)


class SubmissionList(ListAPIView[Submission]):
    """A cohort's submissions, newest first, for its mentors and operators."""

    serializer_class = SubmissionSerializer
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Submission]:
        """Return the cohort's submissions."""
        cohort_id, account_id = self.kwargs["cohort_id"], self.request.user.pk
        live = Membership.objects.filter(left_at=None, role__in=REVIEWERS)
        get_object_or_404(live, cohort=cohort_id, account=account_id)
        return submissions(Attempt.objects.filter(number=1)).filter(cohort=cohort_id)


class SubmissionDetail(RetrieveAPIView[Submission]):
    """A submission, its attempts and timeline, for its author and the mentors and operators."""

    serializer_class = SubmissionDetailSerializer

    def get_queryset(self) -> QuerySet[Submission]:
        """Return what the account may read."""
        account_id = self.request.user.pk
        staff = Membership.objects.filter(account=account_id, left_at=None, role__in=REVIEWERS)
        is_readable = Q(account=account_id) | Q(cohort__in=staff.values("cohort"))
        return submissions(Attempt.objects.order_by("number")).filter(is_readable)


urlpatterns = [
    path("api/v1/study/cohorts/<uuid:cohort_id>/submissions", SubmissionList.as_view()),
    path("api/v1/study/submissions/<uuid:pk>", SubmissionDetail.as_view()),
]
