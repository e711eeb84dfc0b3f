"""Read models of reviews: the queue, drafts, and released reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from chassis.account_mirror.models import AccountMirror
from chassis.errors import NotFound
from chassis.web.pagination import Page, page_of
from study.cohorts.models import Membership, Role
from study.missions.models import Criterion
from study.missions.queries.rubric import rubric_of
from study.reviews.models import Review, Score
from study.submissions.models import Submission, SubmissionQuerySet
from study.submissions.queries.lists import is_late


@dataclass(frozen=True)
class QueueRow:
    """A submission in a mentor's queue, annotated with its author's `name`."""

    submission: Any
    is_late: bool


def queue(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[QueueRow]:
    """Return what waits for this mentor, oldest first."""
    waiting = _assigned_to(account_id).filter(awaits_review=True)
    return _queue_rows(waiting, order=("waiting_since", "id"), cursor=cursor, size=size)


def done(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[QueueRow]:
    """Return what this mentor has released, newest first."""
    released = _assigned_to(account_id).filter(awaits_review=False, released_at__isnull=False)
    return _queue_rows(released, order=("-released_at", "id"), cursor=cursor, size=size)


def _assigned_to(account_id: UUID) -> SubmissionQuerySet:
    return Submission.objects.assigned().filter(mentor_id=account_id).exclude(account_id=account_id)


def _queue_rows(chosen: SubmissionQuerySet, **page: Any) -> Page[QueueRow]:
    named = chosen.with_lateness().annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    found = page_of(named.select_related("mission__cohort", "mission__week"), **page)
    return Page([QueueRow(submission, is_late(submission)) for submission in found.rows], found.next)


@dataclass(frozen=True)
class Choice:
    """A level of a criterion; `chosen` in the review."""

    id: UUID
    points: int
    label: str
    chosen: bool


@dataclass(frozen=True)
class DraftCriterion:
    """A criterion with its levels, from the fewest points up, and what the review says of it."""

    id: UUID
    title: str
    choices: list[Choice]
    comment: str

    @property
    def choice(self) -> Choice | None:
        return next((choice for choice in self.choices if choice.chosen), None)


@dataclass(frozen=True)
class ReviewDraft:
    """The rubric with the draft's scores, else with those of the last released review."""

    criteria: list[DraftCriterion]
    comment: str
    # Of the draft; None if there is none.
    saved_at: datetime | None
    version: int | None
    # The name of the mentor who wrote it; None without a review, or if the name is unknown.
    mentor_name: str | None
    # "" if nothing was ever saved.
    revision: str

    @property
    def points(self) -> int:
        return sum(criterion.choice.points for criterion in self.criteria if criterion.choice)

    @property
    def max_points(self) -> int:
        return sum(max(choice.points for choice in criterion.choices) for criterion in self.criteria)

    @property
    def initial(self) -> dict[str, Any]:
        """Return the review as a form's initial values."""
        values: dict[str, Any] = {"comment": self.comment, "revision": self.revision}
        for criterion in self.criteria:
            values[f"comment_{criterion.id}"] = criterion.comment
            if criterion.choice:
                values[f"level_{criterion.id}"] = str(criterion.choice.id)
        return values


def review_draft(submission: Submission) -> ReviewDraft:
    """Return the rubric of the submission's mission with the newest version of its review."""
    newest = (
        Review.objects.filter(submission=submission)
        .annotate(mentor_name=AccountMirror.objects.name_of(OuterRef("mentor_id")))
        .order_by("-version")
        .first()
    )
    scores = {score.criterion_id: score for score in newest.scores.all()} if newest else {}
    draft = newest if newest and newest.released_at is None else None
    return ReviewDraft(
        criteria=[
            _draft_criterion(criterion, scores.get(criterion.id))
            for criterion in rubric_of(submission.mission)
        ],
        comment=newest.comment if newest else "",
        saved_at=draft.saved_at if draft else None,
        version=draft.version if draft else None,
        mentor_name=newest.mentor_name if newest else None,
        revision=newest.revision if newest else "",
    )


def _draft_criterion(criterion: Criterion, score: Score | None) -> DraftCriterion:
    chosen = score.level_id if score else None
    return DraftCriterion(
        id=criterion.id,
        title=criterion.title,
        choices=[
            Choice(level.id, level.points, level.label, level.id == chosen)
            for level in reversed(list(criterion.levels.all()))
        ],
        comment=score.comment if score else "",
    )


def find_released_review(submission: Submission) -> Any:
    """Return the newest released review, or None.

    With its attempt and its scores in the rubric's order, annotated with the `mentor_name`; a score is
    annotated with the `max_points` of its criterion.
    """
    if submission.released_at is None:
        return None
    scores = (
        Score.objects.select_related("criterion", "level")
        .annotate(max_points=Max("criterion__levels__points"))
        .order_by("criterion__position", "id")
    )
    return (
        Review.objects.filter(submission=submission, released_at__isnull=False)
        .annotate(mentor_name=AccountMirror.objects.name_of(OuterRef("mentor_id")))
        .select_related("attempt")
        .prefetch_related(Prefetch("scores", scores))
        .order_by("-version")
        .first()
    )


def get_released_review(submission: Submission) -> Any:
    """Return the newest released review, as `find_released_review`. Raise NotFound if none is released."""
    review = find_released_review(submission)
    if review is None:
        raise NotFound
    return review


def reviewers(cohort_id: UUID) -> QuerySet[Any]:
    """Return the mentors of a cohort by `name`, annotated with how much is `waiting` and `done`."""
    theirs = Submission.objects.filter(mission__cohort_id=cohort_id, mentor_id=OuterRef("account_id"))
    per_mentor = theirs.order_by().values("mentor_id")
    mentors = Membership.objects.live().filter(cohort_id=cohort_id, role=Role.MENTOR).select_related("part")
    return mentors.annotate(
        name=AccountMirror.objects.name_of(OuterRef("account_id")),
        waiting=_count(per_mentor, Q(awaits_review=True)),
        done=_count(per_mentor, Q(released_at__isnull=False)),
    ).order_by("name", "id")


def _count(rows: QuerySet[Submission, Any], which: Q) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(n=Count("id", filter=which)).values("n")), 0)


def waiting(cohort_id: UUID, *, cursor: str | None = None, size: int = 50) -> Page[Any]:
    """Return submissions that wait for a review in a cohort: those without a mentor first, oldest first.

    Annotated with the author's `name` and with `assignee_id`.
    """
    submissions = (
        Submission.objects.filter(mission__cohort_id=cohort_id, awaits_review=True)
        .with_assignee()
        .annotate(
            name=AccountMirror.objects.name_of(OuterRef("account_id")),
            has_mentor=Case(When(assignee_id=None, then=Value(0)), default=Value(1)),
        )
        .select_related("mission__week", "membership__part")
    )
    order = ("has_mentor", "waiting_since", "id")
    return page_of(submissions, order=order, cursor=cursor, size=size)


def reviews_of_mission(mission: Any) -> QuerySet[Review]:
    """Return the reviews, also drafts, of a mission by its id or an OuterRef: the setting MISSION_REVIEWS."""
    return Review.objects.filter(submission__mission=mission)
