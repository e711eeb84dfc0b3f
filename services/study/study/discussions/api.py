"""REST: the files that a submitted commit changes, comments on their lines, and threads."""

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
from chassis.web.rest import list_of, list_response, validated
from study.discussions import queries, tasks
from study.discussions.actions import comments, replies, threads
from study.discussions.forms import MAX_COMMENT_LENGTH
from study.discussions.models import Diff, DiffError, EntryKind, Side
from study.submissions.access import submission_for_reader, submission_for_reviewer
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


class LineCommentIn(AttemptIn):
    path = serializers.CharField(max_length=5000, trim_whitespace=False)
    side = serializers.ChoiceField(choices=Side.values, help_text="Whether `line` counts before or after.")
    line = serializers.IntegerField(min_value=1, max_value=10**9)
    body = serializers.CharField(max_length=MAX_COMMENT_LENGTH, help_text="Markdown.")


class LineCommentOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    author_id = serializers.UUIDField()
    author_name = serializers.CharField(allow_null=True)
    attempt = serializers.IntegerField(allow_null=True)
    head_sha = serializers.CharField()
    path = serializers.CharField()
    side = serializers.ChoiceField(choices=Side.values)
    line = serializers.IntegerField()
    excerpt = serializers.CharField(help_text="The beginning of the line.")
    body = serializers.CharField()
    saved_at = serializers.DateTimeField()
    is_finished = serializers.BooleanField(
        help_text="False for a draft that was only typed on the page: the next release leaves it out."
    )
    released_at = serializers.DateTimeField(allow_null=True, help_text="Null for a draft.")


class AnswerIn(serializers.Serializer[dict[str, Any]]):
    comment_id = serializers.UUIDField(allow_null=True, help_text="Of a comment on a line; null: the review.")
    body = serializers.CharField(max_length=MAX_COMMENT_LENGTH, help_text="Markdown.")


class ResolutionIn(serializers.Serializer[dict[str, Any]]):
    comment_id = serializers.UUIDField(allow_null=True, help_text="Of a comment on a line; null: the review.")
    is_resolved = serializers.BooleanField()


class ThreadEntryOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    author_id = serializers.UUIDField()
    author_name = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=EntryKind.values)
    body = serializers.CharField(
        help_text='"" unless it is an answer, or once its author closed the account.'
    )
    created_at = serializers.DateTimeField()


class ThreadOut(serializers.Serializer[Any]):
    comment_id = serializers.UUIDField(allow_null=True, help_text="Of a comment on a line; null: the review.")
    is_resolved = serializers.BooleanField()
    entries = ThreadEntryOut(many=True)


class SavedReplyIn(serializers.Serializer[dict[str, Any]]):
    body = serializers.CharField(max_length=500, help_text="Markdown.")


class SavedReplyOut(SavedReplyIn):
    id = serializers.UUIDField()


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


class LineComments(APIView):
    @extend_schema(operation_id="list_line_comments", responses={200: list_of(LineCommentOut)})
    def get(self, request: Request, submission_id: UUID) -> Response:
        """List the comments on lines: the author reads released ones, mentors and operators also drafts."""
        me = principal_of(request).account_id
        submission = submission_for_reader(submission_id, account_id=me)
        found = queries.discussion(submission, drafts=submission.account_id != me).line_comments
        return list_response(LineCommentOut, found)


class LineComment(APIView):
    @extend_schema(operation_id="save_line_comment", request=LineCommentIn, responses={204: None})
    def put(self, request: Request, submission_id: UUID, comment_id: UUID) -> Response:
        """Save a draft comment under an id that the client chooses. Mentors and operators only."""
        body = validated(LineCommentIn, request)
        me = principal_of(request).account_id
        submission = submission_for_reviewer(submission_id, account_id=me)
        commit = queries.find_commit(submission, body.pop("attempt", None))
        if commit is None:
            raise NotFound

        comments.save_line_comment(
            comment_id=comment_id,
            submission_id=submission.id,
            author_id=me,
            head_sha=commit.sha,
            at=timezone.now(),
            **body,
        )

        return Response(status=204)

    @extend_schema(operation_id="delete_line_comment", request=None, responses={204: None})
    def delete(self, request: Request, submission_id: UUID, comment_id: UUID) -> Response:
        """Delete one's own draft comment. Mentors and operators only."""
        me = principal_of(request).account_id
        submission = submission_for_reviewer(submission_id, account_id=me)
        comments.delete_line_comment(comment_id=comment_id, submission_id=submission.id, author_id=me)
        return Response(status=204)


class Threads(APIView):
    @extend_schema(operation_id="list_threads", responses={200: list_of(ThreadOut)})
    def get(self, request: Request, submission_id: UUID) -> Response:
        """List the threads: the review's first, then those of comments on lines. For author and reviewers."""
        me = principal_of(request).account_id
        submission = submission_for_reader(submission_id, account_id=me)
        found = queries.discussion(submission, drafts=submission.account_id != me)
        of_comments = [(comment.id, comment.thread) for comment in found.line_comments]
        rows = [
            {"comment_id": comment_id, "is_resolved": thread.is_resolved, "entries": thread.entries}
            for comment_id, thread in [(None, found.thread), *of_comments]
        ]
        return list_response(ThreadOut, rows)


class Answer(APIView):
    @extend_schema(operation_id="answer_thread", request=AnswerIn, responses={204: None})
    def put(self, request: Request, submission_id: UUID, entry_id: UUID) -> Response:
        """Answer in a thread, under an id that the client chooses. For the author and the reviewers."""
        body = validated(AnswerIn, request)
        me = principal_of(request).account_id
        submission = submission_for_reader(submission_id, account_id=me)

        threads.answer_thread(
            entry_id=entry_id, submission_id=submission.id, author_id=me, at=timezone.now(), **body
        )

        return Response(status=204)


class Resolution(APIView):
    @extend_schema(operation_id="resolve_thread", request=ResolutionIn, responses={204: None})
    def put(self, request: Request, submission_id: UUID) -> Response:
        """Resolve a thread or reopen it. Mentors and operators only."""
        body = validated(ResolutionIn, request)
        me = principal_of(request).account_id
        submission = submission_for_reviewer(submission_id, account_id=me)

        threads.resolve_thread(submission_id=submission.id, account_id=me, at=timezone.now(), **body)

        return Response(status=204)


class SavedReplies(APIView):
    @extend_schema(operation_id="list_saved_replies", responses={200: list_of(SavedReplyOut)})
    def get(self, request: Request) -> Response:
        """List one's own saved replies, oldest first; at most 30."""
        return list_response(SavedReplyOut, queries.saved_replies(principal_of(request).account_id))


class SavedReply(APIView):
    @extend_schema(operation_id="save_reply", request=SavedReplyIn, responses={204: None})
    def put(self, request: Request, reply_id: UUID) -> Response:
        """Save a reply under an id that the client chooses."""
        body = validated(SavedReplyIn, request)
        me = principal_of(request).account_id
        replies.save_reply(reply_id=reply_id, account_id=me, at=timezone.now(), **body)
        return Response(status=204)

    @extend_schema(operation_id="delete_reply", request=None, responses={204: None})
    def delete(self, request: Request, reply_id: UUID) -> Response:
        """Delete one of one's own saved replies."""
        replies.delete_reply(reply_id=reply_id, account_id=principal_of(request).account_id)
        return Response(status=204)


def _diff_of(request: Request, submission_id: UUID) -> tuple[Attempt, Diff]:
    query = AttemptIn(data=request.query_params)
    query.is_valid(raise_exception=True)
    submission = submission_for_reader(submission_id, account_id=principal_of(request).account_id)
    commit = queries.find_commit(submission, query.validated_data.get("attempt"))
    if commit is None:
        raise NotFound
    return commit.attempt, tasks.open_diff(pull_request=commit.pull_request, head_sha=commit.sha)


urlpatterns = [
    path("saved-replies", SavedReplies.as_view()),
    path("saved-replies/<uuid:reply_id>", SavedReply.as_view()),
    path("submissions/<uuid:submission_id>/files", Files.as_view()),
    path("submissions/<uuid:submission_id>/files/<int:number>", File.as_view()),
    path("submissions/<uuid:submission_id>/threads", Threads.as_view()),
    path("submissions/<uuid:submission_id>/threads/answers/<uuid:entry_id>", Answer.as_view()),
    path("submissions/<uuid:submission_id>/threads/resolution", Resolution.as_view()),
    path("submissions/<uuid:submission_id>/line-comments", LineComments.as_view()),
    path("submissions/<uuid:submission_id>/line-comments/<uuid:comment_id>", LineComment.as_view()),
]
