"""Write the mentor and the released score of a submission."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.audit.actions import record_change
from study.audit.rules import score_value
from study.cohorts.models import AuditKind, Membership
from study.installations.actions.check_runs import request_check_run
from study.missions.models import CompletedBy
from study.submissions.models import PendingLink, State, Submission
from study.submissions.rules.status import awaits_review


class NotAMentor(DomainError):
    code = "not_a_mentor"
    title = _(
        "Only a mentor or an organizer of this cohort can review, and nobody reviews their own submission."
    )


@transaction.atomic
def assign_mentor(*, submission: Submission, mentor_id: UUID | None) -> Submission:
    """Assign the submission to a mentor or operator of its cohort, or (None) to nobody.

    Raise NotAMentor for its author and for anybody who may not review.
    """
    if mentor_id is not None:
        reviewers = Membership.objects.reviewers().filter(cohort__missions=submission.mission_id)
        if mentor_id == submission.account_id or not reviewers.filter(account_id=mentor_id).exists():
            raise NotAMentor(field="mentor_id")
    submission = Submission.objects.select_for_update().get(id=submission.id)
    if submission.mentor_id != mentor_id:
        submission.mentor_id = mentor_id
        submission.save(update_fields=["mentor_id"])
    return submission


@transaction.atomic
def record_score(
    *, submission: Submission, points: int, max_points: int, by: UUID, at: datetime
) -> Submission:
    """Save the points of a released review; the submission leaves the review queue.

    Unless only an approval on GitHub completes its mission: then it stays there until that.
    """
    rows = Submission.objects.select_for_update(of=("self",)).select_related("mission")
    submission = rows.get(id=submission.id)
    _record_change(submission, points, max_points, by=by, at=at)
    submission.points, submission.max_points, submission.released_at = points, max_points, at
    if submission.mission.completed_by != CompletedBy.APPROVAL:
        submission.awaits_review = False
    submission.save(update_fields=["points", "max_points", "released_at", "awaits_review"])
    request_check_run(pull_request_id=submission.pull_request_id, at=at)
    return submission


@transaction.atomic
def restore_score(
    *,
    submission: Submission,
    points: int | None,
    max_points: int | None,
    released_at: datetime | None,
    by: UUID,
    at: datetime,
) -> None:
    """Save the points of the release before the withdrawn one, None if there was none.

    The submission returns to the review queue if its current attempt needs a review; it waits since then.
    """
    _record_change(submission, points, max_points, by=by, at=at)
    submission.points, submission.max_points, submission.released_at = points, max_points, released_at
    attempts = list(submission.attempts.order_by("number"))
    submission.awaits_review = awaits_review(
        submission.pull_request,
        State(submission.state),
        attempts,
        released_at,
        completed_by=CompletedBy(submission.mission.completed_by),
    )
    submission.save(update_fields=["points", "max_points", "released_at", "awaits_review"])
    request_check_run(pull_request_id=submission.pull_request_id, at=at)


def _record_change(
    submission: Submission, points: int | None, max_points: int | None, *, by: UUID, at: datetime
) -> None:
    before = score_value(submission.points, submission.max_points)
    record_change(
        cohort_id=submission.mission.cohort_id,
        kind=AuditKind.SCORE,
        changes={"": (before, score_value(points, max_points))},
        subject_id=submission.account_id,
        about=submission.mission.title,
        by=by,
        at=at,
    )


def carry_over_submissions(*, former: Membership, membership: Membership) -> None:
    """Move submissions and links of a former membership to the new one: in REJOINING_SUBSCRIBERS."""
    Submission.objects.filter(membership=former).update(membership=membership)
    PendingLink.objects.filter(membership=former).update(membership=membership)
