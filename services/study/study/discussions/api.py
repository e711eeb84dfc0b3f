"""REST: the files that a submitted commit changes."""

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

from chassis.errors import NotFound
from chassis.web.auth import principal_of
from study.discussions import queries, tasks
from study.discussions.actions import diffs
from study.discussions.models import Diff, DiffError
from study.submissions.access import submission_for_reader
from study.submissions.models import Attempt


class AttemptIn(serializers.Serializer[dict[str, Any]]):
    attempt = serializers.IntegerField(
        min_value=1, max_value=30_000, required=False, help_text="Its number; the newest unless given."
    )


class ChangedFileOut(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Its place in the list, from 1.")
    path = serializers.CharField(source="file.path")
    previous_path = serializers.CharField(
        source="file.previous_path", help_text='"" unless it was renamed or copied.'
    )
    status = serializers.CharField(
        source="file.status", help_text="GitHub's: added, removed, modified, renamed, copied, changed."
    )
    additions = serializers.IntegerField(source="file.additions")
    deletions = serializers.IntegerField(source="file.deletions")
    has_lines = serializers.BooleanField(
        source="file.has_lines",
        help_text="False if it is binary, was only renamed, or has too many lines for GitHub.",
    )


class ChangedFilesOut(serializers.Serializer[Any]):
    attempt = serializers.IntegerField()
    head_sha = serializers.CharField()
    url = serializers.CharField(help_text="The same changes on GitHub.")
    state = serializers.ChoiceField(
        choices=["loading", "ready", "failed"],
        help_text="While GitHub is asked, it is loading: ask again after a second.",
    )
    error = serializers.CharField(
        allow_null=True, help_text=f"Why it failed: {', '.join(DiffError.values)}. Null otherwise."
    )
    total = serializers.IntegerField(
        allow_null=True, help_text="How many files are changed; null where GitHub does not say."
    )
    has_more = serializers.BooleanField(help_text="Whether GitHub lists only the first 300 files.")
    files = ChangedFileOut(many=True)


class LineOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["added", "removed", "context"])
    old = serializers.IntegerField(allow_null=True)
    new = serializers.IntegerField(allow_null=True)
    text = serializers.CharField(source="shown")
    is_cut = serializers.BooleanField(help_text="Whether the line is longer than 1,000 characters.")


class HunkOut(serializers.Serializer[Any]):
    heading = serializers.CharField()
    lines = LineOut(many=True)


class FileLinesOut(ChangedFileOut):
    hunks = HunkOut(many=True)


class Files(APIView):
    @extend_schema(
        operation_id="list_changed_files", parameters=[AttemptIn], responses={200: ChangedFilesOut}
    )
    def get(self, request: Request, submission_id: UUID) -> Response:
        """List the files that an attempt's commit changes. For the author and the mentors and operators."""
        attempt, diff = _diff_of(request, submission_id)
        files = queries.changed_files(diff)
        out = {
            "attempt": attempt.number,
            "head_sha": attempt.head_sha,
            "url": diff.url,
            "state": "loading" if diff.requested_at else "ready" if diff.is_ready else "failed",
            "error": None if diff.requested_at else diff.error or None,
            "total": files.total,
            "has_more": files.has_more,
            "files": files.numbered(),
        }
        return Response(ChangedFilesOut(out).data)


class File(APIView):
    @extend_schema(operation_id="get_changed_file", parameters=[AttemptIn], responses={200: FileLinesOut})
    def get(self, request: Request, submission_id: UUID, number: int) -> Response:
        """Get the changed lines of a file. Not found while the files are loading. For the same people."""
        _attempt, diff = _diff_of(request, submission_id)
        file = queries.changed_files(diff).find(number)
        if file is None:
            raise NotFound
        return Response(FileLinesOut(file).data)


def _diff_of(request: Request, submission_id: UUID) -> tuple[Attempt, Diff]:
    query = AttemptIn(data=request.query_params)
    query.is_valid(raise_exception=True)
    submission = submission_for_reader(submission_id, account_id=principal_of(request).account_id)
    attempt = queries.find_attempt(submission, query.validated_data.get("attempt"))
    if attempt is None:
        raise NotFound
    now = timezone.now()
    diff = diffs.request_diff(pull_request=submission.pull_request, head_sha=attempt.head_sha, at=now)
    if diff.requested_at == now:
        tasks.enqueue_fetch_on_commit(diff.id)
    return attempt, diff


urlpatterns = [
    path("submissions/<uuid:submission_id>/files", Files.as_view()),
    path("submissions/<uuid:submission_id>/files/<int:number>", File.as_view()),
]
