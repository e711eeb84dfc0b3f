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
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.announcements import access, actions, queries
from study.announcements.forms import BODY_LENGTH, TITLE_LENGTH
from study.announcements.models import Announcement, AnnouncementDraft
from study.cohorts.access import membership_for_member, membership_for_operator
from study.cohorts.models import Membership
from study.missions.forms.deadlines import validate_year


class AnnouncementTextIn(serializers.Serializer[dict[str, Any]]):
    title = serializers.CharField(max_length=TITLE_LENGTH, validators=[check_name])
    body = serializers.CharField(max_length=BODY_LENGTH, help_text="Markdown.")


class _AddressedIn(AnnouncementTextIn):
    part_id = serializers.UUIDField(allow_null=True, default=None, help_text="Null for everyone.")
    team_id = serializers.UUIDField(allow_null=True, default=None, help_text="Only without a part.")


class AnnouncementIn(_AddressedIn):
    draft_id = serializers.UUIDField(
        allow_null=True, default=None, help_text="A draft of the cohort, which is deleted."
    )


class AnnouncementOut(serializers.Serializer[Announcement]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    body = serializers.CharField(help_text="Markdown.")
    part_id = serializers.UUIDField(allow_null=True)
    team_id = serializers.UUIDField(allow_null=True)
    author_id = serializers.UUIDField()
    author_name = serializers.CharField(allow_null=True, allow_blank=True)
    published_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class AnnouncementList(APIView):
    @extend_schema(
        operation_id="list_announcements", parameters=[PageIn], responses={200: list_of(AnnouncementOut)}
    )
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the announcements of a cohort, the newest first."""
        membership = membership_for_member(cohort_id, account_id=principal_of(request).account_id)
        page = queries.announcements(membership, **PageIn.of(request))
        return list_response(AnnouncementOut, page)

    @extend_schema(
        operation_id="publish_announcement", request=AnnouncementIn, responses={201: AnnouncementOut}
    )
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Publish an announcement to the cohort, one part or one team. Operators only."""
        body = validated(AnnouncementIn, request)
        me = principal_of(request).account_id
        membership = membership_for_operator(cohort_id, account_id=me)

        announcement = actions.publish_announcement(
            cohort=membership.cohort, author_id=me, at=timezone.now(), **body
        )

        announcement = access.announcement_for_operator(announcement.id, account_id=me)
        return Response(AnnouncementOut(announcement).data, status=201)


class AnnouncementDraftIn(_AddressedIn):
    publish_at = serializers.DateTimeField(
        allow_null=True,
        default=None,
        validators=[validate_year],
        help_text="When it is published by itself; not in the past. Null: when an organizer publishes it.",
    )


class AnnouncementDraftOut(serializers.Serializer[AnnouncementDraft]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    body = serializers.CharField(help_text="Markdown.")
    part_id = serializers.UUIDField(allow_null=True)
    team_id = serializers.UUIDField(allow_null=True)
    planned_for = serializers.DateTimeField(
        allow_null=True, help_text="Of one from a former cohort: when it would be published. Only shown."
    )
    publish_at = serializers.DateTimeField(allow_null=True, help_text="When it is published by itself.")
    author_id = serializers.UUIDField(
        allow_null=True, help_text="Who set `publish_at`: the author of what is published then."
    )
    missed_at = serializers.DateTimeField(
        allow_null=True, help_text="The former `publish_at`, if the cohort was closed then."
    )


class AnnouncementDrafts(APIView):
    @extend_schema(operation_id="list_announcement_drafts", responses={200: list_of(AnnouncementDraftOut)})
    def get(self, request: Request, cohort_id: UUID) -> Response:
        """List the drafts of a cohort, at most 200 and those of a former one, by time. Operators only."""
        membership = membership_for_operator(cohort_id, account_id=principal_of(request).account_id)
        return list_response(AnnouncementDraftOut, queries.drafts(membership.cohort))

    @extend_schema(
        operation_id="create_announcement_draft",
        request=AnnouncementDraftIn,
        responses={201: AnnouncementDraftOut},
    )
    def post(self, request: Request, cohort_id: UUID) -> Response:
        """Create a draft, which is published at its time if it has one. Operators only."""
        body = validated(AnnouncementDraftIn, request)
        me = principal_of(request).account_id
        membership = membership_for_operator(cohort_id, account_id=me)
        draft = actions.create_draft(cohort=membership.cohort, by=me, at=timezone.now(), **body)
        return Response(AnnouncementDraftOut(draft).data, status=201)


class AnnouncementDraftDetail(APIView):
    @extend_schema(
        operation_id="update_announcement_draft",
        request=AnnouncementDraftIn,
        responses={200: AnnouncementDraftOut},
    )
    def put(self, request: Request, draft_id: UUID) -> Response:
        """Update a draft. Who sets another time becomes its author; null cancels it. Operators only."""
        body = validated(AnnouncementDraftIn, request)
        me = principal_of(request).account_id
        draft = access.draft_for_operator(draft_id, account_id=me)
        draft = actions.update_draft(draft=draft, by=me, at=timezone.now(), **body)
        return Response(AnnouncementDraftOut(draft).data)

    @extend_schema(operation_id="delete_announcement_draft", request=None, responses={204: None})
    def delete(self, request: Request, draft_id: UUID) -> Response:
        """Delete a draft. Operators only."""
        draft = access.draft_for_operator(draft_id, account_id=principal_of(request).account_id)
        actions.delete_draft(draft=draft)
        return Response(status=204)


class RestoreAnnouncement(APIView):
    @extend_schema(operation_id="restore_announcement", request=None, responses={200: AnnouncementOut})
    def post(self, request: Request, announcement_id: UUID) -> Response:
        """Restore a withdrawn announcement; nobody is notified. Operators only."""
        me = principal_of(request).account_id
        announcement = access.announcement_for_operator(announcement_id, account_id=me)
        actions.restore(announcement=announcement)
        return Response(AnnouncementOut(announcement).data)


class AnnouncementDetail(APIView):
    @extend_schema(operation_id="get_announcement", responses={200: AnnouncementOut})
    def get(self, request: Request, announcement_id: UUID) -> Response:
        """Get an announcement. Operators see that and when it was first got."""
        me = principal_of(request).account_id
        announcement, _membership = access.announcement_for_member(announcement_id, account_id=me)
        actions.record_read(announcement=announcement, account_id=me, at=timezone.now())
        return Response(AnnouncementOut(announcement).data)

    @extend_schema(
        operation_id="edit_announcement", request=AnnouncementTextIn, responses={200: AnnouncementOut}
    )
    def put(self, request: Request, announcement_id: UUID) -> Response:
        """Edit title and text of an announcement; nobody is notified. Operators only."""
        body = validated(AnnouncementTextIn, request)
        me = principal_of(request).account_id
        announcement = access.announcement_for_operator(announcement_id, account_id=me)

        actions.edit_announcement(announcement=announcement, at=timezone.now(), **body)

        return Response(AnnouncementOut(announcement).data)

    @extend_schema(operation_id="withdraw_announcement", request=None, responses={204: None})
    def delete(self, request: Request, announcement_id: UUID) -> Response:
        """Withdraw an announcement. Operators only."""
        me = principal_of(request).account_id
        announcement = access.announcement_for_operator(announcement_id, account_id=me)
        actions.withdraw(announcement=announcement, at=timezone.now())
        return Response(status=204)


class ReaderOut(serializers.Serializer[Membership]):
    membership_id = serializers.UUIDField(source="id")
    account_id = serializers.UUIDField()
    name = serializers.CharField(allow_null=True, allow_blank=True)
    read_at = serializers.DateTimeField(allow_null=True, help_text="When first; null for who has not.")
    is_reminded = serializers.BooleanField(help_text="Whether an organizer has reminded them today.")


class Readers(APIView):
    @extend_schema(
        operation_id="list_announcement_readers", parameters=[PageIn], responses={200: list_of(ReaderOut)}
    )
    def get(self, request: Request, announcement_id: UUID) -> Response:
        """List whom an announcement is for: who has not opened it first, then by name. Operators only."""
        me = principal_of(request).account_id
        announcement = access.announcement_for_operator(announcement_id, account_id=me)
        return list_response(
            ReaderOut, queries.readers(announcement, at=timezone.now(), **PageIn.of(request))
        )


class RemindedReadersOut(serializers.Serializer[Any]):
    reminded = serializers.IntegerField(help_text="How many were reminded now.")


class AnnouncementReminders(APIView):
    @extend_schema(operation_id="remind_readers", request=None, responses={200: RemindedReadersOut})
    def post(self, request: Request, announcement_id: UUID) -> Response:
        """Remind those who have not opened an announcement. Operators only.

        Each is reminded at most once a day.
        """
        me = principal_of(request).account_id
        announcement = access.announcement_for_operator(announcement_id, account_id=me)
        reminded = actions.remind_readers(announcement=announcement, at=timezone.now())
        return Response(RemindedReadersOut({"reminded": reminded}).data)


urlpatterns = [
    path("cohorts/<uuid:cohort_id>/announcements", AnnouncementList.as_view()),
    path("cohorts/<uuid:cohort_id>/announcement-drafts", AnnouncementDrafts.as_view()),
    path("announcement-drafts/<uuid:draft_id>", AnnouncementDraftDetail.as_view()),
    path("announcements/<uuid:announcement_id>", AnnouncementDetail.as_view()),
    path("announcements/<uuid:announcement_id>/restore", RestoreAnnouncement.as_view()),
    path("announcements/<uuid:announcement_id>/readers", Readers.as_view()),
    path("announcements/<uuid:announcement_id>/reminders", AnnouncementReminders.as_view()),
]
