"""Read models of reviews: the queue, drafts, and released reviews."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from chassis.account_mirror.models import AccountMirror
from chassis.errors import NotFound
from chassis.web.pagination import Page, page_of
from study.cohorts.models import Membership, Role
from study.missions.models import Level
from study.reviews.models import Review, Score
from study.submissions.models import Submission, SubmissionQuerySet
from study.submissions.queries.lists import is_late


@dataclass(frozen=True)
class QueueRow:
    """One submission in a mentor's queue."""

    id: UUID
    name: str | None
    cohort_title: str
    week: int
    mission_title: str
    state: str
    is_late: bool
    waiting_since: datetime
    points: int | None
    max_points: int | None
    released_at: datetime | None


def queue(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[QueueRow]:
    """What waits for this mentor, oldest first. One statement."""
    waiting = _assigned_to(account_id).filter(awaits_review=True)
    return _rows(waiting, order=("waiting_since", "id"), cursor=cursor, size=size)


def done(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[QueueRow]:
    """What this mentor has released, newest first. One statement."""
    released = _assigned_to(account_id).filter(awaits_review=False, released_at__isnull=False)
    return _rows(released, order=("-released_at", "id"), cursor=cursor, size=size)


def _assigned_to(account_id: UUID) -> SubmissionQuerySet:
    return Submission.objects.assigned().filter(mentor_id=account_id).exclude(account_id=account_id)


def _rows(chosen: SubmissionQuerySet, **page: Any) -> Page[QueueRow]:
    named = chosen.with_lateness().annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    found = page_of(named.select_related("mission__cohort", "mission__week"), **page)
    return Page([_queue_row(submission) for submission in found.rows], found.next)


def _queue_row(submission: Any) -> QueueRow:
    return QueueRow(
        id=submission.id,
        name=submission.name,
        cohort_title=submission.mission.cohort.title,
        week=submission.mission.week.number,
        mission_title=submission.mission.title,
        state=submission.state,
        is_late=is_late(submission),
        waiting_since=submission.waiting_since,
        points=submission.points,
        max_points=submission.max_points,
        released_at=submission.released_at,
    )


@dataclass(frozen=True)
class Choice:
    """A level of a criterion; `chosen` in the review."""

    id: UUID
    points: int
    label: str
    chosen: bool


@dataclass(frozen=True)
class DraftCriterion:
    """A criterion with its levels and what the review says of it."""

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
    def shape(self) -> list[tuple[UUID, str, list[UUID]]]:
        """Each criterion with its title and the ids of its levels: what a form may offer."""
        return [
            (criterion.id, criterion.title, [choice.id for choice in criterion.choices])
            for criterion in self.criteria
        ]

    @property
    def initial(self) -> dict[str, Any]:
        """The review as a form's initial values."""
        values: dict[str, Any] = {"comment": self.comment, "revision": self.revision}
        for criterion in self.criteria:
            values[f"comment_{criterion.id}"] = criterion.comment
            if criterion.choice:
                values[f"level_{criterion.id}"] = str(criterion.choice.id)
        return values


def review_draft(submission: Submission) -> ReviewDraft:
    """The rubric of the submission's mission with the newest version of its review. Two statements."""
    newest = (
        Review.objects.filter(submission=submission)
        .annotate(mentor_name=AccountMirror.objects.name_of(OuterRef("mentor_id")))
        .order_by("-version")
        .first()
    )
    scores = Score.objects.filter(review=newest, level=OuterRef("id"))
    rows = (
        Level.objects.filter(criterion__mission_id=submission.mission_id)
        .annotate(title=F("criterion__title"), score_comment=Subquery(scores.values("comment")[:1]))
        .values("criterion_id", "title", "id", "points", "label", "score_comment")
        .order_by("criterion__position", "criterion_id", "points")
    )
    draft = newest if newest and newest.released_at is None else None
    return ReviewDraft(
        criteria=[
            _draft_criterion(list(group)) for _, group in groupby(rows, key=lambda row: row["criterion_id"])
        ],
        comment=newest.comment if newest else "",
        saved_at=draft.saved_at if draft else None,
        version=draft.version if draft else None,
        mentor_name=newest.mentor_name if newest else None,
        revision=newest.revision if newest else "",
    )


def _draft_criterion(rows: list[dict[str, Any]]) -> DraftCriterion:
    comments = [row["score_comment"] for row in rows if row["score_comment"] is not None]
    return DraftCriterion(
        id=rows[0]["criterion_id"],
        title=rows[0]["title"],
        choices=[
            Choice(row["id"], row["points"], row["label"], row["score_comment"] is not None) for row in rows
        ],
        comment=comments[0] if comments else "",
    )


@dataclass(frozen=True)
class ScoreRow:
    """A released score."""

    title: str
    points: int
    max_points: int
    label: str
    comment: str


@dataclass(frozen=True)
class ReleasedReview:
    """A review as its author sees it."""

    id: UUID
    version: int
    attempt: int
    mentor_name: str | None
    comment: str
    points: int
    max_points: int
    released_at: datetime
    scores: list[ScoreRow]


def find_released_review(submission: Submission) -> ReleasedReview | None:
    """The newest released review with its scores, or None. One statement, none if nothing is released."""
    if submission.released_at is None:
        return None
    newest = Review.objects.filter(submission=submission, released_at__isnull=False).order_by("-version")
    max_points = Level.objects.filter(criterion_id=OuterRef("scores__criterion_id")).order_by("-points")
    rows = list(
        Review.objects.filter(id=Subquery(newest.values("id")[:1]))
        .values(
            *("id", "version", "comment", "points", "max_points", "released_at"),
            attempt_number=F("attempt__number"),
            mentor_name=AccountMirror.objects.name_of(OuterRef("mentor_id")),
            title=F("scores__criterion__title"),
            level_points=F("scores__level__points"),
            level_max_points=Subquery(max_points.values("points")[:1]),
            label=F("scores__level__label"),
            score_comment=F("scores__comment"),
        )
        .order_by("scores__criterion__position", "scores__id")
    )
    if not rows:
        return None
    review = rows[0]
    return ReleasedReview(
        id=review["id"],
        version=review["version"],
        attempt=review["attempt_number"],
        mentor_name=review["mentor_name"],
        comment=review["comment"],
        points=review["points"],
        max_points=review["max_points"],
        released_at=review["released_at"],
        scores=[
            ScoreRow(
                row["title"], row["level_points"], row["level_max_points"], row["label"], row["score_comment"]
            )
            for row in rows
            if row["title"] is not None
        ],
    )


def get_released_review(submission: Submission) -> ReleasedReview:
    """The newest released review. Raises NotFound while none is released."""
    review = find_released_review(submission)
    if review is None:
        raise NotFound
    return review


@dataclass(frozen=True)
class Reviewer:
    """A mentor of the cohort, and how much waits for them and is done."""

    account_id: UUID
    name: str | None
    part_id: UUID | None
    part_name: str | None
    waiting: int
    done: int


def reviewers(cohort_id: UUID) -> list[Reviewer]:
    """The mentors of a cohort with their load, by name. One statement."""
    theirs = Submission.objects.filter(mission__cohort_id=cohort_id, mentor_id=OuterRef("account_id"))
    per_mentor = theirs.order_by().values("mentor_id")
    mentors: Iterable[Any] = (
        Membership.objects.live()
        .filter(cohort_id=cohort_id, role=Role.MENTOR)
        .select_related("part")
        .annotate(
            name=AccountMirror.objects.name_of(OuterRef("account_id")),
            waiting=_count(per_mentor, Q(awaits_review=True)),
            done=_count(per_mentor, Q(released_at__isnull=False)),
        )
        .order_by("name", "id")
    )
    return [
        Reviewer(m.account_id, m.name, m.part_id, m.part.name if m.part else None, m.waiting, m.done)
        for m in mentors
    ]


def _count(rows: QuerySet[Submission, Any], which: Q) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(n=Count("id", filter=which)).values("n")), 0)


@dataclass(frozen=True)
class AssignRow:
    """A submission that waits, and who is to review it."""

    id: UUID
    name: str | None
    part_name: str | None
    mission_title: str
    week: int
    waiting_since: datetime
    mentor_id: UUID | None


def waiting(cohort_id: UUID, *, cursor: str | None = None, size: int = 50) -> Page[AssignRow]:
    """What waits for a review in a cohort, those without a mentor first, then oldest first. One statement."""
    found = page_of(
        Submission.objects.filter(mission__cohort_id=cohort_id, awaits_review=True)
        .with_assignee()
        .annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")), has_mentor=_has_mentor())
        .select_related("mission__week", "membership__part"),
        order=("has_mentor", "waiting_since", "id"),
        cursor=cursor,
        size=size,
    )
    return Page([_assign_row(submission) for submission in found.rows], found.next)


def _has_mentor() -> Case:
    return Case(When(assignee_id=None, then=Value(0)), default=Value(1))


def _assign_row(submission: Any) -> AssignRow:
    part = submission.membership.part
    return AssignRow(
        id=submission.id,
        name=submission.name,
        part_name=part.name if part else None,
        mission_title=submission.mission.title,
        week=submission.mission.week.number,
        waiting_since=submission.waiting_since,
        mentor_id=submission.assignee_id,
    )
