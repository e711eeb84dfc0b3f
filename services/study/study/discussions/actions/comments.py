"""Comments on changed lines: drafts until the review is released."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotFound
from study.cohorts.actions import ensure_open
from study.discussions.models import Diff, LineComment, PageState
from study.discussions.rules import MAX_EXCERPT_LENGTH, Line, find_line, unpack_files
from study.submissions.actions.grading import NotAMentor
from study.submissions.models import Submission


class NoSuchLine(DomainError):
    code = "no_such_line"
    title = _("This line is not among the changed lines. Load the changed files again.")


class CommentReleased(DomainError):
    code = "comment_released"
    title = _("This comment was released and cannot be changed any more. Answer below it instead.")


class CommentConflict(DomainError):
    code = "comment_conflict"
    title = _("This comment was changed or deleted after you opened it, in another tab.")


@transaction.atomic
def save_line_comment(
    *,
    comment_id: UUID,
    submission_id: UUID,
    author_id: UUID,
    head_sha: str,
    path: str,
    side: str,
    line: int,
    body: str,
    at: datetime,
    revision: str | None = None,
    page: PageState | None = None,
    is_finished: bool = True,
) -> LineComment | None:
    """Create the draft comment with this id, or change what it says. Idempotent.

    One that is not finished is left out by the next release. It keeps what it says if `body` is "": None is
    returned where there is none.

    `revision` and `page` are as in `reviews.actions.save_draft`, with CommentConflict. Raise NoSuchLine,
    CommentReleased, NotAMentor for the submission's author, NotFound for another's comment, and
    CohortClosed where no new version of the review can begin.
    """
    submission = _lock(submission_id)
    if submission.account_id == author_id:
        raise NotAMentor
    comment = _find_draft(submission, comment_id, author_id)
    is_own = comment is not None and comment.was_saved_by(page)
    if comment and page and comment.has_saved(page):
        # What was typed last is also what the button finishes.
        is_last = page.edits == comment.page_edits
        if not (is_finished and is_last):
            return comment
    if revision is not None and revision != (comment.revision if comment else "") and not is_own:
        raise CommentConflict
    if comment is None and not body:
        return None
    written = {
        "body": body or (comment.body if comment else ""),
        "is_finished": is_finished,
        "saved_at": at,
        "page_id": page.id if page else None,
        "page_edits": page.edits if page else None,
    }
    if comment:
        for name, value in written.items():
            setattr(comment, name, value)
        comment.save(update_fields=list(written))
        return comment
    if not submission.awaits_review:
        ensure_open(cohort=submission.mission.cohort)
    return LineComment.objects.create(
        id=comment_id,
        submission=submission,
        head_sha=head_sha,
        author_id=author_id,
        path=path,
        side=side,
        line=line,
        excerpt=_changed_line(submission, head_sha, path, side, line).text[:MAX_EXCERPT_LENGTH],
        created_at=at,
        **written,
    )


@transaction.atomic
def delete_line_comment(*, comment_id: UUID, submission_id: UUID, author_id: UUID) -> None:
    """Delete a draft comment of this author. Raise CommentReleased, and NotFound for somebody else's."""
    comment = _find_draft(_lock(submission_id), comment_id, author_id)
    if comment:
        comment.delete()


def release_line_comments(*, submission: Submission, at: datetime) -> None:
    """Release the finished draft comments with their review. Call it with the submission's row locked."""
    drafts = LineComment.objects.filter(submission=submission, released_at=None)
    drafts.filter(is_finished=True).update(released_at=at)


def withdraw_line_comments(*, submission: Submission, released_at: datetime) -> None:
    """Make the comments of a release drafts again. Call it with the submission's row locked."""
    LineComment.objects.filter(submission=submission, released_at=released_at).update(released_at=None)


def discard_line_comments(*, submission: Submission) -> None:
    """Delete the draft comments. Call it with the submission's row locked."""
    LineComment.objects.filter(submission=submission, released_at=None).delete()


def _lock(submission_id: UUID) -> Submission:
    whole = Submission.objects.select_related("mission__cohort", "pull_request")
    return whole.select_for_update(of=("self",)).get(id=submission_id)


def _find_draft(submission: Submission, comment_id: UUID, author_id: UUID) -> LineComment | None:
    comment = LineComment.objects.filter(id=comment_id).first()
    if comment is None:
        return None
    if comment.submission_id != submission.id or comment.author_id != author_id:
        raise NotFound
    if comment.released_at:
        raise CommentReleased
    return comment


def _changed_line(submission: Submission, head_sha: str, path: str, side: str, number: int) -> Line:
    diff = Diff.objects.filter(pull_request=submission.pull_request, head_sha=head_sha).first()
    files = unpack_files(bytes(diff.content)) if diff and diff.content else []
    line = find_line(files, path=path, side=side, number=number)
    if line is None:
        raise NoSuchLine(field="line")
    return line
