"""Read models of reviews: the queue, drafts, and released reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextField,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from chassis.account_mirror.models import AccountMirror
from chassis.web.pagination import Page, page_of
from study.cohorts.models import AuditEntry, AuditKind, Membership
from study.missions.models import Level
from study.reviews.models import Review, Score
from study.reviews.rules import withdrawable_until
from study.submissions.models import Submission, SubmissionQuerySet


def queue(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[Any]:
    """Return what waits for this mentor, oldest first, with lateness and the author's `name`."""
    waiting = _assigned_to(account_id).filter(awaits_review=True)
    return page_of(waiting, order=("waiting_since", "id"), cursor=cursor, size=size, read=_named)


@dataclass(frozen=True)
class Neighbours:
    """What waits for a mentor beside a submission: rows as the queue's, oldest first; at most four a side."""

    before: list[Any]
    after: list[Any]
    # How many wait, without the submission itself; at most MAX_COUNTED.
    count: int

    @property
    def previous(self) -> Any:
        return self.before[-1] if self.before else None

    @property
    def next(self) -> Any:
        return self.after[0] if self.after else None


# Nobody reads a larger number.
MAX_COUNTED = 100
_BESIDE = 4


def neighbours(account_id: UUID, submission: Submission) -> Neighbours:
    """Return what waits for this mentor before and after a submission, which need not wait itself."""
    waiting = _assigned_to(account_id).filter(awaits_review=True).exclude(id=submission.id)
    since, row = submission.waiting_since, submission.id
    # Both bounds on waiting_since let the index of the queue end the search.
    earlier = waiting.filter(Q(waiting_since__lt=since) | Q(id__lt=row), waiting_since__lte=since)
    later = waiting.filter(Q(waiting_since__gt=since) | Q(id__gt=row), waiting_since__gte=since)
    before = list(earlier.order_by("-waiting_since", "-id").values_list("id", flat=True)[:_BESIDE])
    after = list(later.order_by("waiting_since", "id").values_list("id", flat=True)[:_BESIDE])
    beside = {row.id: row for row in _named(Submission.objects.filter(id__in=[*before, *after]))}
    counted = waiting.order_by().values("id")[:MAX_COUNTED].count()
    # What somebody deletes between the statements is left out.
    return Neighbours(
        before=[beside[id_] for id_ in reversed(before) if id_ in beside],
        after=[beside[id_] for id_ in after if id_ in beside],
        count=counted,
    )


def count_waiting(account_id: UUID, *, since: datetime) -> tuple[int, datetime | None]:
    """Return how many submissions of open cohorts have waited for this mentor since that time or longer.

    And since when the oldest of them waits. One statement.
    """
    waiting = _assigned_to(account_id).filter(awaits_review=True, waiting_since__lte=since)
    counts = waiting.filter(cohort__closed_at=None).aggregate(count=Count("id"), oldest=Min("waiting_since"))
    return counts["count"], counts["oldest"]


def done(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[Any]:
    """Return what this mentor has released, newest first; annotated as the queue."""
    released = _assigned_to(account_id).filter(awaits_review=False, released_at__isnull=False)
    return page_of(released, order=("-released_at", "id"), cursor=cursor, size=size, read=_named)


def _assigned_to(account_id: UUID) -> SubmissionQuerySet:
    # As assigned(), but with the cohorts known: a join to their missions is where MySQL would begin.
    reviews_in = Membership.objects.reviewers().filter(account_id=account_id)
    cohorts = list(reviews_in.values_list("cohort_id", flat=True))
    return Submission.objects.filter(mentor_id=account_id, cohort__in=cohorts).exclude(account_id=account_id)


def _named(submissions: SubmissionQuerySet) -> SubmissionQuerySet:
    name = AccountMirror.objects.name_of(OuterRef("account_id"))
    joined = submissions.select_related("mission__cohort", "mission__week", "pull_request")
    return joined.with_lateness().annotate(name=name)


@dataclass(frozen=True)
class ReviewDraft:
    """The rubric with the scores of the newest version of the review, draft or released."""

    # In the rubric's order, annotated with the `level_id` and the `comment` that the review gives (None, "").
    # Their levels, from the fewest points up, are annotated with `chosen`.
    criteria: list[Any]
    # Annotated with its `mentor_name`; None if nothing was ever saved.
    review: Any

    @property
    def comment(self) -> str:
        return self.review.comment if self.review else ""

    @property
    def revision(self) -> str:
        return self.review.revision if self.review else ""

    @property
    def saved_at(self) -> datetime | None:
        """Return when the draft was saved; None if there is none."""
        return self.review.saved_at if self._has_draft else None

    @property
    def version(self) -> int | None:
        """Return the draft's version; None if there is none."""
        return self.review.version if self._has_draft else None

    @property
    def withdrawable_until(self) -> datetime | None:
        """Return until when the newest version can be withdrawn; None if it is a draft."""
        return withdrawable_until(self.review)

    @property
    def points(self) -> int:
        return sum(
            level.points for criterion in self.criteria for level in criterion.levels.all() if level.chosen
        )

    @property
    def max_points(self) -> int:
        return sum(max(level.points for level in criterion.levels.all()) for criterion in self.criteria)

    @property
    def _has_draft(self) -> bool:
        return bool(self.review) and self.review.released_at is None


def review_draft(submission: Submission) -> ReviewDraft:
    """Return the rubric of the submission's mission with the newest version of its review."""
    newest = _with_mentor_name(Review.objects.filter(submission=submission)).order_by("-version").first()
    scores = Score.objects.filter(review=newest)
    levels = Level.objects.annotate(chosen=Exists(scores.filter(level=OuterRef("id")))).order_by("points")
    of_criterion = scores.filter(criterion=OuterRef("id"))
    criteria = submission.mission.criteria.annotate(
        level_id=Subquery(of_criterion.values("level_id"), output_field=UUIDField()),
        comment=Coalesce(Subquery(of_criterion.values("comment")), Value(""), output_field=TextField()),
    )
    return ReviewDraft(
        list(criteria.prefetch_related(Prefetch("levels", levels)).order_by("position")), newest
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
        _with_mentor_name(Review.objects.filter(submission=submission, released_at__isnull=False))
        .select_related("attempt")
        .prefetch_related(Prefetch("scores", scores))
        .order_by("-version")
        .first()
    )


def find_withdrawal(submission: Submission) -> Any:
    """Return the review that was withdrawn and is a draft now, with its `mentor_name`, or None."""
    drafts = Review.objects.filter(submission=submission, draft_key=1, withdrawn_at__isnull=False)
    return _with_mentor_name(drafts).first()


def _with_mentor_name(reviews: QuerySet[Review]) -> QuerySet[Any]:
    return reviews.annotate(mentor_name=AccountMirror.objects.name_of(OuterRef("mentor_id")))


def reviewers(cohort_id: UUID) -> QuerySet[Any]:
    """Return the mentors and operators of a cohort by `name`, annotated with what is `waiting` and `done`."""
    theirs = Submission.objects.filter(mission__cohort_id=cohort_id, mentor_id=OuterRef("account_id"))
    per_mentor = theirs.order_by().values("mentor_id")
    members = Membership.objects.reviewers().filter(cohort_id=cohort_id).select_related("part")
    return members.annotate(
        name=AccountMirror.objects.name_of(OuterRef("account_id")),
        waiting=_count(per_mentor, Q(awaits_review=True)),
        done=_count(per_mentor, Q(released_at__isnull=False) | Q(completing_event__isnull=False)),
    ).order_by("name", "id")


def reassigned(cohort_id: UUID, *, since: datetime) -> QuerySet[Any]:
    """Return whose waiting submissions were shared out again since then, the newest first, by `name`."""
    entries = AuditEntry.objects.filter(cohort_id=cohort_id, kind=AuditKind.REVIEWS_REASSIGNED, at__gte=since)
    return entries.annotate(name=AccountMirror.objects.name_of(OuterRef("subject_id"))).order_by("-at", "-id")


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


def waiting_ids(cohort_id: UUID) -> list[UUID]:
    """Return the ids of the submissions that wait for a review in a cohort."""
    waiting = Submission.objects.filter(mission__cohort_id=cohort_id, awaits_review=True)
    return list(waiting.values_list("id", flat=True))


def reviewer_of(submission_id: UUID) -> UUID | None:
    """Return who released the newest review of a submission: the setting REVIEWER_OF_SUBMISSION."""
    released = Review.objects.filter(submission_id=submission_id, released_at__isnull=False)
    return released.order_by("-version").values_list("mentor_id", flat=True).first()


def reviews_of_mission(mission: Any) -> QuerySet[Review]:
    """Return the reviews, also drafts, of a mission by its id or an OuterRef: the setting MISSION_REVIEWS."""
    return Review.objects.filter(submission__mission=mission)
