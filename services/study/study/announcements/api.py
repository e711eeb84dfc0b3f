"""REST: announcements."""

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

from chassis.names import check_name
from chassis.web.auth import principal_of
from chassis.web.problems import ProblemOut
from chassis.web.rest import PageIn
from study.announcements import access, actions, queries
from study.announcements.forms import BODY_LENGTH, TITLE_LENGTH
from study.announcements.models import Announcement
from study.cohorts.access import seat_to_read, seat_to_run

REFUSALS = {400: ProblemOut, 401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 409: ProblemOut}


class AnnouncementIn(serializers.Serializer[dict[str, Any]]):
    title = serializers.CharField(max_length=TITLE_LENGTH, validators=[check_name])
    body = serializers.CharField(max_length=BODY_LENGTH, help_text="Markdown.")
    part_id = serializers.UUIDField(allow_null=True, default=None, help_text="Null for everyone.")


class AnnouncementOut(serializers.Serializer[Announcement]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    body = serializers.CharField(help_text="Markdown.")
    part_id = serializers.UUIDField(allow_null=True)
    author_id = serializers.UUIDField()
    author_name = serializers.CharField(allow_null=True, allow_blank=True)
    published_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class AnnouncementsOut(serializers.Serializer[Any]):
    results = AnnouncementOut(many=True)
    next = serializers.CharField(allow_null=True)


class Announcements(APIView):
    @extend_schema(
        operation_id="list_announcements",
        parameters=[PageIn],
        responses={200: AnnouncementsOut, **REFUSALS},
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """What the cohort was told, the newest first."""
        seat = seat_to_read(cohort_id, account_id=principal_of(request).account_id)
        page = queries.announcements(seat, **PageIn.of(request))
        return Response(AnnouncementsOut({"results": page.rows, "next": page.next}).data)

    @extend_schema(
        operation_id="publish_announcement",
        request=AnnouncementIn,
        responses={201: AnnouncementOut, **REFUSALS},
    )
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Tell the cohort, or one part."""
        body = AnnouncementIn(data=request.data)
        body.is_valid(raise_exception=True)
        me = principal_of(request).account_id
        seat = seat_to_run(cohort_id, account_id=me)

        made = actions.publish_announcement(
            cohort=seat.cohort, author_id=me, at=timezone.now(), **body.validated_data
        )

        found, _seat = access.announcement_to_read(made.id, account_id=me)
        return Response(AnnouncementOut(found).data, status=201)


class Restored(APIView):
    @extend_schema(
        operation_id="restore_announcement", request=None, responses={200: AnnouncementOut, **REFUSALS}
    )
    def post(self, request: Request, announcement_id: UUID) -> Response:
        """Put a withdrawn one back on the list; nobody is told again. Operators."""
        me = principal_of(request).account_id
        found, _seat = access.announcement_to_run(announcement_id, account_id=me)
        actions.restore(announcement=found)
        return Response(AnnouncementOut(found).data)


class OneAnnouncement(APIView):
    @extend_schema(operation_id="read_announcement", responses={200: AnnouncementOut, **REFUSALS})
    def get(self, request: Request, announcement_id: UUID) -> Response:
        """One announcement."""
        me = principal_of(request).account_id
        found, _seat = access.announcement_to_read(announcement_id, account_id=me)
        return Response(AnnouncementOut(found).data)

    @extend_schema(operation_id="withdraw_announcement", request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request, announcement_id: UUID) -> Response:
        """Take it off the list."""
        me = principal_of(request).account_id
        found, _seat = access.announcement_to_run(announcement_id, account_id=me)
        actions.withdraw(announcement=found, at=timezone.now())
        return Response(status=204)


urlpatterns = [
    path("cohorts/<uuid:cohort_id>/announcements", Announcements.as_view()),
    path("announcements/<uuid:announcement_id>", OneAnnouncement.as_view()),
    path("announcements/<uuid:announcement_id>/restore", Restored.as_view()),
]
