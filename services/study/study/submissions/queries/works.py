"""What was sent to Seodang: the content of files, and the attempt that a new one replaces."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from uuid import UUID

from django.db.models import Prefetch

from study.submissions.models import Attempt, FileContent, Submission, SubmittedWork, files_with_is_stored


def read_chunks(file_id: UUID) -> Iterator[bytes]:
    """Yield the content of a file, so that memory holds one piece of it. A query for each."""
    pieces = FileContent.objects.filter(file=file_id).values_list("content", flat=True)
    for position in count(1):
        piece = pieces.filter(position=position).first()
        if piece is None:
            return
        yield bytes(piece)


def replaceable_attempt(mission_id: UUID, account_id: UUID) -> Attempt | None:
    """Return the account's newest attempt, if it was sent to Seodang and waits for a review."""
    waiting = Submission.objects.filter(mission=mission_id, account_id=account_id, pull_request=None)
    attempts = Attempt.objects.filter(submission__in=waiting, submission__awaits_review=True)
    return attempts.order_by("-number").first()


def works_by_attempt(submission_id: UUID) -> dict[int, SubmittedWork]:
    """Return what was sent to Seodang by the number of the attempt, with its files. Two queries."""
    works = SubmittedWork.objects.filter(attempt__submission=submission_id).select_related("attempt")
    files = Prefetch("submitted_files", files_with_is_stored())
    return {work.attempt.number: work for work in works.prefetch_related(files)}


def has_pull_request(mission_id: UUID, account_id: UUID) -> bool:
    """Return whether the account has submitted a pull request, so that it can send nothing else."""
    theirs = Submission.objects.filter(mission=mission_id, account_id=account_id)
    return theirs.exclude(pull_request=None).exists()
