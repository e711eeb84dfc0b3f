"""REST: the notes of organizers about a member."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.rest import PageIn, list_of, list_response, validated
from study.notes.access import note_for_author, subject_for_operator
from study.notes.actions import create_note, delete_note, update_note
from study.notes.models import MAX_NOTE_LENGTH
from study.notes.queries import list_notes


class NoteIn(serializers.Serializer[dict[str, Any]]):
    body = serializers.CharField(max_length=MAX_NOTE_LENGTH, help_text="Markdown.")


class NoteOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    author_id = serializers.UUIDField(allow_null=True, help_text="null: the author closed their account.")
    body = serializers.CharField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)


class Notes(APIView):
    @extend_schema(operation_id="list_notes", parameters=[PageIn], responses={200: list_of(NoteOut)})
    def get(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """List the notes about a member, the newest first. Operators only, and not about themselves."""
        me = principal_of(request).account_id
        membership = subject_for_operator(cohort_id, membership_id, account_id=me)
        return list_response(NoteOut, list_notes(membership, **PageIn.of(request)))

    @extend_schema(operation_id="create_note", request=NoteIn, responses={201: NoteOut})
    def post(self, request: Request, cohort_id: UUID, membership_id: UUID) -> Response:
        """Write a note about a member, who gets its text with their own data alone. Operators only."""
        me = principal_of(request).account_id
        membership = subject_for_operator(cohort_id, membership_id, account_id=me)
        note = create_note(membership=membership, by=me, at=timezone.now(), **validated(NoteIn, request))
        return Response(NoteOut(note).data, status=status.HTTP_201_CREATED)


class NoteDetail(APIView):
    @extend_schema(operation_id="update_note", request=NoteIn, responses={200: NoteOut})
    def put(self, request: Request, cohort_id: UUID, membership_id: UUID, note_id: UUID) -> Response:
        """Change what a note of the caller says. Operators only."""
        me = principal_of(request).account_id
        membership = subject_for_operator(cohort_id, membership_id, account_id=me)
        note = note_for_author(membership, note_id, account_id=me)
        note = update_note(note=note, by=me, at=timezone.now(), **validated(NoteIn, request))
        return Response(NoteOut(note).data)

    @extend_schema(operation_id="delete_note", responses={204: None})
    def delete(self, request: Request, cohort_id: UUID, membership_id: UUID, note_id: UUID) -> Response:
        """Delete a note of the caller. Operators only."""
        me = principal_of(request).account_id
        membership = subject_for_operator(cohort_id, membership_id, account_id=me)
        note = note_for_author(membership, note_id, account_id=me)
        delete_note(note=note, by=me, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


urlpatterns = [
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/notes", Notes.as_view()),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/notes/<uuid:note_id>", NoteDetail.as_view()),
]
