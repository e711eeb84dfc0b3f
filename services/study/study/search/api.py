"""REST: search in a cohort."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from study.cohorts.access import membership_for_member
from study.cohorts.models import Role
from study.search import queries
from study.search.rules import MAX_TEXT_LENGTH, clean_text


class SearchIn(serializers.Serializer[dict[str, Any]]):
    q = serializers.CharField(max_length=MAX_TEXT_LENGTH, help_text="In any case; one character or more.")

    def validate_q(self, typed: str) -> str:
        """Return what is looked for. Raise ValidationError if nothing is left."""
        text = clean_text(typed)
        if not text:
            raise serializers.ValidationError(_("Enter what to search for."))
        return text


class FoundMemberOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True, allow_blank=True)
    role = serializers.ChoiceField(choices=Role.choices)


class FoundMissionOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    due_at = serializers.DateTimeField(help_text="Everyone's deadline.")


class FoundSubmissionOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    mission_id = serializers.UUIDField()
    mission_title = serializers.CharField(source="mission.title")
    account_id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True, allow_blank=True)


class FoundAnnouncementOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    published_at = serializers.DateTimeField()


class _GroupOut(serializers.Serializer[Any]):
    has_more = serializers.BooleanField(help_text="There are more than these.")


class FoundMembersOut(_GroupOut):
    rows = FoundMemberOut(many=True)


class FoundMissionsOut(_GroupOut):
    rows = FoundMissionOut(many=True)


class FoundSubmissionsOut(_GroupOut):
    rows = FoundSubmissionOut(many=True)


class FoundAnnouncementsOut(_GroupOut):
    rows = FoundAnnouncementOut(many=True)


class FoundOut(serializers.Serializer[Any]):
    members = FoundMembersOut()
    missions = FoundMissionsOut()
    submissions = FoundSubmissionsOut()
    announcements = FoundAnnouncementsOut()


class Search(APIView):
    @extend_schema(operation_id="search_cohort", parameters=[SearchIn], responses={200: FoundOut})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """Find members, missions, submissions and announcements that contain a text, ten of each.

        Within what the caller may read: of submissions, members find only their own.
        """
        membership = membership_for_member(cohort_id, account_id=principal_of(request).account_id)
        query = SearchIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        found = queries.search(membership, text=query.validated_data["q"], now=timezone.now())
        return Response(FoundOut(found).data)


urlpatterns = [path("cohorts/<uuid:cohort_id>/search", Search.as_view())]
