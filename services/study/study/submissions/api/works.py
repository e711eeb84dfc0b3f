"""REST: submit a text, a link or files, and download the files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.web.auth import principal_of
from chassis.web.downloads import download_response
from chassis.web.rest import StrictJSONParser, validated
from study.missions.access import mission_for_member
from study.submissions import access
from study.submissions.actions.works import submit_work
from study.submissions.forms import MAX_TEXT_LENGTH, validate_url
from study.submissions.models import MAX_URL_LENGTH, Attempt, SubmittedFile, SubmittedWork
from study.submissions.queries.works import read_chunks


class FileOut(serializers.Serializer[SubmittedFile]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    content_type = serializers.CharField(help_text="By its content.")
    size = serializers.IntegerField(help_text="In bytes.")
    is_stored = serializers.BooleanField(help_text="False once a later attempt has replaced it.")


class WorkOut(serializers.Serializer[SubmittedWork]):
    text = serializers.CharField(help_text="Markdown; empty without one.")
    link = serializers.CharField(help_text="Empty without one.")
    files = FileOut(many=True, source="submitted_files.all")


class WorkIn(serializers.Serializer[dict[str, Any]]):
    """At least one of them; only kinds that the mission accepts."""

    text = serializers.CharField(
        max_length=MAX_TEXT_LENGTH, allow_blank=True, default="", help_text="Markdown."
    )
    link = serializers.CharField(
        max_length=MAX_URL_LENGTH, allow_blank=True, default="", validators=[validate_url]
    )
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True, max_length=255, use_url=False),
        default=list,
        help_text="As multipart/form-data; at most 5, of at most 5 MiB each and 10 MiB together.",
    )


class WorkSubmitOut(serializers.Serializer[Attempt]):
    submission_id = serializers.UUIDField()
    attempt = serializers.IntegerField(source="number")


class Works(APIView):
    parser_classes = (MultiPartParser, StrictJSONParser)

    @extend_schema(operation_id="submit_work", request=WorkIn, responses={201: WorkSubmitOut})
    def post(self, request: Request, mission_id: UUID) -> Response:
        """Submit a text, a link or files. It replaces the attempt before, if that waits for a review."""
        mission, membership = mission_for_member(mission_id, account_id=principal_of(request).account_id)
        body = validated(WorkIn, request)

        attempt = submit_work(mission=mission, membership=membership, at=timezone.now(), **body)

        return Response(WorkSubmitOut(attempt).data, status=status.HTTP_201_CREATED)


class SubmittedFileContent(APIView):
    @extend_schema(
        operation_id="get_submitted_file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, submission_id: UUID, file_id: UUID) -> StreamingHttpResponse:
        """Download a submitted file. Its author, mentors and operators only."""
        file = access.submitted_file_for_reader(
            submission_id, file_id, account_id=principal_of(request).account_id
        )
        return download_response(read_chunks(file.id), name=file.name, size=file.size)
