"""Threads under reviews and comments on lines: answer, resolve, reopen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotFound
from chassis.events.publish import publish
from study.cohorts.actions import ensure_open
from study.cohorts.models import Membership
from study.discussions.events import ThreadAnswered
from study.discussions.models import EntryKind, LineComment, ThreadEntry
from study.submissions.models import Submission


class NothingReleased(DomainError):
    code = "nothing_released"
    title = _("There is no released review to answer.")


@transaction.atomic
def answer_thread(
    *, entry_id: UUID, submission_id: UUID, comment_id: UUID | None, author_id: UUID, body: str, at: datetime
) -> ThreadEntry:
    """Answer a comment on a line, or (None) the review. Idempotent by `entry_id`.

    The other side is notified by the first answer since its own. Raise CohortClosed, NothingReleased, and
    NotFound for a comment that is not released or the id of another entry.
    """
    submission = _lock(submission_id)
    if existing := ThreadEntry.objects.filter(id=entry_id).first():
        if (existing.submission_id, existing.author_id) != (submission_id, author_id):
            raise NotFound
        return existing
    ensure_open(cohort=submission.mission.cohort)
    comment = _find_released(submission, comment_id)
    answers = ThreadEntry.objects.filter(
        submission=submission, line_comment=comment, kind=EntryKind.ANSWER
    ).order_by("-created_at", "-id")
    previous = answers.first()
    entry = ThreadEntry.objects.create(
        id=entry_id,
        submission=submission,
        line_comment=comment,
        author_id=author_id,
        kind=EntryKind.ANSWER,
        body=body,
        created_at=at,
    )
    is_member = author_id == submission.account_id
    if previous is None or (previous.author_id == submission.account_id) != is_member:
        staff = {answer.author_id for answer in answers} | {_reviewer(submission, comment)}
        recipients = _reviewing(submission, staff) if is_member else [submission.account_id]
        _publish(entry, submission, recipients, at=at)
    return entry


@transaction.atomic
def resolve_thread(
    *, submission_id: UUID, comment_id: UUID | None, is_resolved: bool, account_id: UUID, at: datetime
) -> None:
    """Resolve the thread of a comment on a line, or (None) of the review, or reopen it. Idempotent.

    Raise CohortClosed, NothingReleased, and NotFound for a comment that is not released.
    """
    submission = _lock(submission_id)
    ensure_open(cohort=submission.mission.cohort)
    comment = _find_released(submission, comment_id)
    marks = ThreadEntry.objects.filter(submission=submission, line_comment=comment)
    newest = marks.exclude(kind=EntryKind.ANSWER).order_by("-created_at", "-id").first()
    was_resolved = newest is not None and newest.kind == EntryKind.RESOLVED
    if was_resolved != is_resolved:
        ThreadEntry.objects.create(
            id=uuid4(),
            submission=submission,
            line_comment=comment,
            author_id=account_id,
            kind=EntryKind.RESOLVED if is_resolved else EntryKind.REOPENED,
            created_at=at,
        )


def delete_answers(*, account_id: UUID) -> None:
    """Erase what the account answered; that there was an answer stays."""
    ThreadEntry.objects.filter(author_id=account_id).update(body="")


def _lock(submission_id: UUID) -> Submission:
    whole = Submission.objects.select_related("mission__cohort")
    return whole.select_for_update(of=("self",)).get(id=submission_id)


def _find_released(submission: Submission, comment_id: UUID | None) -> LineComment | None:
    if comment_id is None:
        if submission.released_at is None:
            raise NothingReleased
        return None
    released = LineComment.objects.filter(submission=submission, released_at__isnull=False)
    comment = released.filter(id=comment_id).first()
    if comment is None:
        raise NotFound
    return comment


def _reviewer(submission: Submission, comment: LineComment | None) -> UUID | None:
    if comment:
        return comment.author_id
    reviewer: UUID | None = import_string(settings.REVIEWER_OF_SUBMISSION)(submission.id)
    return reviewer


def _reviewing(submission: Submission, account_ids: set[UUID | None]) -> list[UUID]:
    """Return those of the accounts who are mentors or operators of the cohort now."""
    staff = Membership.objects.reviewers().filter(
        cohort_id=submission.mission.cohort_id,
        account_id__in=account_ids - {None, submission.account_id},
    )
    return list(staff.order_by("account_id").values_list("account_id", flat=True))


def _publish(entry: ThreadEntry, submission: Submission, recipients: list[UUID], *, at: datetime) -> None:
    if recipients:
        answered = ThreadAnswered(
            entry_id=entry.id,
            submission_id=submission.id,
            cohort_id=submission.mission.cohort_id,
            mission_title=submission.mission.title,
            author_id=entry.author_id,
            recipients=recipients,
        )
        publish(answered, at=at)
