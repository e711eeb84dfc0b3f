"""Write operations on reviews: save, discard and release drafts, withdraw reviews, assign mentors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from chassis.events.publish import publish
from study.cohorts.actions import ensure_open
from study.cohorts.models import Cohort
from study.discussions.actions.comments import (
    discard_line_comments,
    release_line_comments,
    withdraw_line_comments,
)
from study.discussions.models import PageState, ThreadEntry
from study.missions.models import Criterion, Level
from study.reviews.events import ReviewReleased, ReviewWithdrawn
from study.reviews.forms import ScoreInput
from study.reviews.models import Review, Score
from study.reviews.rules import WITHDRAWAL_PERIOD, withdrawable_until
from study.submissions.actions.grading import NotAMentor, assign_mentor, record_score, restore_score
from study.submissions.actions.reviewers import assign_unassigned
from study.submissions.models import Submission


class NothingHandedIn(DomainError):
    code = "nothing_handed_in"
    title = _("Nothing has been submitted yet, so there is nothing to review.")


class RubricChanged(DomainError):
    code = "rubric_changed"
    title = _("The rubric has changed since this page was opened. Reload it and choose again.")


class EditConflict(DomainError):
    code = "edit_conflict"
    title = _("This review was changed after you opened it, in another tab or by somebody else.")


class NotScored(DomainError):
    """`open_ids` are the criteria without a score."""

    code = "not_scored"
    title = _("Not ready to release. Choose a score for: %(criteria)s.")

    def __init__(self, criteria: Sequence[Criterion]) -> None:
        titles = ", ".join(criterion.title for criterion in criteria)
        super().__init__(field=str(criteria[0].id), criteria=titles)
        self.open_ids = [criterion.id for criterion in criteria]


class NoDraft(DomainError):
    code = "no_draft"
    title = _("There is no draft to release. Save one first.")


class NothingToWithdraw(DomainError):
    code = "nothing_to_withdraw"
    title = _("There is no review of yours to withdraw.")


class WithdrawalExpired(DomainError):
    code = "withdrawal_expired"
    title = _("A review can be withdrawn for 5 minutes after its release. Release a new version instead.")


class ReviewAnswered(DomainError):
    code = "review_answered"
    title = _("The member has answered this review already. Release a new version instead.")


class SubmissionNotInCohort(DomainError):
    code = "submission_not_in_cohort"
    title = _("One of these submissions is not in this cohort. Choose again.")


class NextDraftExists(DomainError):
    code = "next_draft_exists"
    title = _("Somebody has started the next version of this review. Discard that draft first.")


@transaction.atomic
def save_draft(
    *,
    submission_id: UUID,
    mentor_id: UUID,
    scores: Mapping[UUID, ScoreInput],
    comment: str,
    at: datetime,
    revision: str | None = None,
    page: PageState | None = None,
) -> Review:
    """Save a draft of the review, which is not shown to the author.

    `scores` are by criterion; one without a level keeps nothing but is allowed, since a draft may be half
    done. `revision` is the review's as this mentor saw it, "" if there was none: one that has changed
    since is not overwritten (EditConflict). None overwrites whatever there is. A draft that `page` saved
    itself is no conflict, and fewer edits than it has saved change nothing: that request was overtaken, or
    is sent again. In a closed cohort what waits can be reviewed, but no new version begins (CohortClosed).
    """
    # Locking the submission serialises two mentors, or two tabs.
    whole = Submission.objects.select_related("mission__cohort")
    submission = whole.select_for_update(of=("self",)).get(id=submission_id)
    _ensure_not_own(submission, mentor_id=mentor_id)
    newest = Review.objects.filter(submission=submission).order_by("-version").first()
    draft = newest if newest and newest.released_at is None else None
    if newest and newest.has_saved(page):
        return newest
    is_own = draft is not None and draft.was_saved_by(page)
    if revision is not None and revision != (newest.revision if newest else "") and not is_own:
        raise EditConflict
    levels = _levels(submission, scores)
    if draft is None and not submission.awaits_review:
        ensure_open(cohort=submission.mission.cohort)
    attempt = submission.attempts.order_by("-number").first()
    if attempt is None:
        raise NothingHandedIn
    content = {
        "attempt": attempt,
        "mentor_id": mentor_id,
        "comment": comment,
        "saved_at": at,
        "page_id": page.id if page else None,
        "page_edits": page.edits if page else None,
    }
    if draft:
        for name, value in content.items():
            setattr(draft, name, value)
        draft.save(update_fields=list(content))
    else:
        version = newest.version + 1 if newest else 1
        draft = Review.objects.create(submission=submission, version=version, created_at=at, **content)
    Score.objects.filter(review=draft).delete()
    Score.objects.bulk_create(
        Score(review=draft, criterion_id=criterion_id, level=level, comment=scores[criterion_id].comment)
        for criterion_id, level in levels.items()
    )
    return draft


def _ensure_not_own(submission: Submission, *, mentor_id: UUID) -> None:
    # Access rules this out, but a submission can change owners between access and the lock.
    if submission.account_id == mentor_id:
        raise NotAMentor


def _levels(submission: Submission, scores: Mapping[UUID, ScoreInput]) -> dict[UUID, Level]:
    """The chosen levels by criterion. RubricChanged if one does not belong where it was given."""
    wanted = {score.level_id: criterion_id for criterion_id, score in scores.items() if score.level_id}
    found = Level.objects.filter(id__in=wanted, criterion__mission_id=submission.mission_id)
    levels = {level.criterion_id: level for level in found}
    if {level.id: criterion_id for criterion_id, level in levels.items()} != wanted:
        raise RubricChanged
    return levels


@transaction.atomic
def discard_draft(*, submission_id: UUID) -> None:
    """Delete the draft and its comments on lines; released versions stay."""
    submission = Submission.objects.select_for_update().get(id=submission_id)
    discard_line_comments(submission=submission)
    Review.objects.filter(submission_id=submission_id, draft_key=1).delete()


@transaction.atomic
def release(*, submission_id: UUID, mentor_id: UUID, at: datetime) -> Review:
    """Release the draft to its author. Later changes are a new version.

    NoDraft if there is none, NotScored while a criterion of the rubric is open.
    """
    submission = (
        Submission.objects.select_for_update(of=("self",)).select_related("mission").get(id=submission_id)
    )
    _ensure_not_own(submission, mentor_id=mentor_id)
    review = Review.objects.filter(submission=submission, draft_key=1).first()
    if review is None:
        raise NoDraft
    points = {score.criterion_id: score.level.points for score in review.scores.select_related("level")}
    rubric = Criterion.objects.filter(mission=submission.mission).annotate(max_points=Max("levels__points"))
    criteria = list(rubric.order_by("position"))
    if unscored := [criterion for criterion in criteria if criterion.id not in points]:
        raise NotScored(unscored)
    review.points = sum(points.values())
    review.max_points = sum(criterion.max_points or 0 for criterion in criteria)
    review.mentor_id, review.released_at, review.withdrawn_at = mentor_id, at, None
    review.save(update_fields=["points", "max_points", "mentor_id", "released_at", "withdrawn_at"])
    release_line_comments(submission=submission, at=at)
    record_score(
        submission=submission, points=review.points, max_points=review.max_points, by=mentor_id, at=at
    )
    publish(
        ReviewReleased(
            review_id=review.id,
            submission_id=submission.id,
            cohort_id=submission.mission.cohort_id,
            mission_title=submission.mission.title,
            points=review.points,
            max_points=review.max_points,
            version=review.version,
            recipients=[submission.account_id],
        ),
        at=at,
    )
    return review


@transaction.atomic
def withdraw_review(*, submission_id: UUID, mentor_id: UUID, at: datetime) -> Review:
    """Make the newest release of this mentor a draft again, with everything in it, as the next version.

    The submission has the points of the release before, and waits as if this one had not been. Raise
    NextDraftExists if a draft was started since, NothingToWithdraw, WithdrawalExpired, and ReviewAnswered.
    """
    whole = Submission.objects.select_related("mission", "pull_request")
    submission = whole.select_for_update(of=("self",)).get(id=submission_id)
    newest = list(Review.objects.filter(submission=submission).order_by("-version")[:2])
    review, previous = [*newest, None, None][:2]
    if review and previous and not (review.released_at or review.withdrawn_at):
        raise NextDraftExists
    until = withdrawable_until(review)
    if review is None or until is None or review.mentor_id != mentor_id:
        raise NothingToWithdraw
    if at > until:
        raise WithdrawalExpired
    answers = ThreadEntry.objects.filter(submission=submission, author_id=submission.account_id)
    if answers.filter(created_at__gte=until - WITHDRAWAL_PERIOD).exists():
        raise ReviewAnswered
    withdrawn = review.version
    withdraw_line_comments(submission=submission, released_at=until - WITHDRAWAL_PERIOD)
    # The next release is another version: what was read as this one never changes.
    review.version, review.released_at, review.withdrawn_at = withdrawn + 1, None, at
    review.saved_at = at
    review.save(update_fields=["version", "released_at", "withdrawn_at", "saved_at"])
    restore_score(
        submission=submission,
        points=previous.points if previous else None,
        max_points=previous.max_points if previous else None,
        released_at=previous.released_at if previous else None,
        by=mentor_id,
        at=at,
    )
    publish(
        ReviewWithdrawn(
            review_id=review.id,
            submission_id=submission.id,
            cohort_id=submission.mission.cohort_id,
            mission_title=submission.mission.title,
            version=withdrawn,
            recipients=[submission.account_id],
        ),
        at=at,
    )
    return review


def save_and_release(
    *,
    submission_id: UUID,
    mentor_id: UUID,
    scores: Mapping[UUID, ScoreInput],
    comment: str,
    at: datetime,
    revision: str | None,
    page: PageState | None = None,
) -> Review:
    """Save the draft and release it. If a criterion is open (NotScored), the draft stays saved."""
    save_draft(
        submission_id=submission_id,
        mentor_id=mentor_id,
        scores=scores,
        comment=comment,
        at=at,
        revision=revision,
        page=page,
    )
    return release(submission_id=submission_id, mentor_id=mentor_id, at=at)


@transaction.atomic
def assign_evenly(*, cohort_id: UUID) -> int:
    """Distribute unassigned waiting submissions evenly among reviewers. Return how many were assigned."""
    # Locking the cohort serialises two operators.
    Cohort.objects.select_for_update().get(id=cohort_id)
    return assign_unassigned(cohort_id=cohort_id)


@transaction.atomic
def assign_several(*, cohort_id: UUID, submission_ids: Collection[UUID], mentor_id: UUID | None) -> int:
    """Assign submissions of a cohort to one reviewer, or (None) to nobody; all or none. Return how many.

    Raise SubmissionNotInCohort, or NotAMentor as `assign_mentor` does.
    """
    Cohort.objects.select_for_update().get(id=cohort_id)
    wanted = set(submission_ids)
    submissions = list(Submission.objects.filter(mission__cohort=cohort_id, id__in=wanted).order_by("id"))
    if len(submissions) != len(wanted):
        raise SubmissionNotInCohort(field="submission_ids")
    for submission in submissions:
        assign_mentor(submission=submission, mentor_id=mentor_id)
    return len(submissions)
