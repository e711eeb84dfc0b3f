"""Pictures of reviews: the queue, the sheet that a mentor fills in, what the author sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from chassis.refusals import NotFound
from chassis.web.cursor import Page, page_of
from study.cohorts.models import Membership, Role
from study.mirrors.models import AccountMirror
from study.missions.models import Level
from study.reviews.models import Review, Score
from study.submissions.models import Submission


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
    waiting = Submission.objects.filter(mentor_id=account_id, awaits_review=True)
    return _rows(waiting, order=("waiting_since", "id"), cursor=cursor, size=size)


def done(account_id: UUID, *, cursor: str | None = None, size: int = 25) -> Page[QueueRow]:
    """What this mentor has released, newest first. One statement."""
    released = Submission.objects.filter(mentor_id=account_id, awaits_review=False, released_at__isnull=False)
    return _rows(released, order=("-released_at", "id"), cursor=cursor, size=size)


def _rows(chosen: QuerySet[Submission], **page: Any) -> Page[QueueRow]:
    named = chosen.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    found = page_of(named.select_related("mission__cohort", "mission__week"), **page)
    return Page([_queue_row(one) for one in found.rows], found.next)


def _queue_row(one: Any) -> QueueRow:
    return QueueRow(
        id=one.id,
        name=one.name,
        cohort_title=one.mission.cohort.title,
        week=one.mission.week.number,
        mission_title=one.mission.title,
        state=one.state,
        is_late=one.is_late,
        waiting_since=one.waiting_since,
        points=one.points,
        max_points=one.max_points,
        released_at=one.released_at,
    )


@dataclass(frozen=True)
class Choice:
    """A level of a criterion; `chosen` in the draft."""

    id: UUID
    points: int
    label: str
    chosen: bool


@dataclass(frozen=True)
class Line:
    """A criterion with its levels and what the draft says of it."""

    id: UUID
    title: str
    choices: list[Choice]
    comment: str


@dataclass(frozen=True)
class Sheet:
    """The rubric as the mentor finds it: with the draft, if there is one."""

    lines: list[Line]
    comment: str
    saved_at: datetime | None
    version: int | None

    @property
    def points(self) -> int:
        return sum(choice.points for line in self.lines for choice in line.choices if choice.chosen)

    @property
    def max_points(self) -> int:
        return sum(max(choice.points for choice in line.choices) for line in self.lines)

    @property
    def shape(self) -> list[tuple[UUID, list[UUID]]]:
        """Each criterion with the ids of its levels: what a form may offer."""
        return [(line.id, [choice.id for choice in line.choices]) for line in self.lines]

    @property
    def initial(self) -> dict[str, Any]:
        """The draft as a form's initial values."""
        values: dict[str, Any] = {"comment": self.comment}
        if self.saved_at:
            values["seen"] = self.saved_at.isoformat()
        for line in self.lines:
            values[f"said_{line.id}"] = line.comment
            for choice in line.choices:
                if choice.chosen:
                    values[f"level_{line.id}"] = str(choice.id)
        return values


def sheet(submission: Submission) -> Sheet:
    """The rubric of the submission's mission with the draft of its review. Two statements."""
    draft = Review.objects.filter(submission=submission, draft=1).first()
    levels = (
        Level.objects.filter(criterion__mission_id=submission.mission_id)
        .annotate(given=FilteredRelation("score", condition=Q(score__review_id=draft.id if draft else None)))
        .annotate(said=F("given__comment"))
        .select_related("criterion")
        .order_by("criterion__position", "criterion_id", "points")
    )
    return Sheet(
        lines=[_line(list(group)) for _, group in groupby(levels, key=lambda level: level.criterion_id)],
        comment=draft.comment if draft else "",
        saved_at=draft.saved_at if draft else None,
        version=draft.version if draft else None,
    )


def _line(levels: list[Any]) -> Line:
    said = [level.said for level in levels if level.said is not None]
    return Line(
        id=levels[0].criterion_id,
        title=levels[0].criterion.title,
        choices=[Choice(level.id, level.points, level.label, level.said is not None) for level in levels],
        comment=said[0] if said else "",
    )


@dataclass(frozen=True)
class Mark:
    """A released score."""

    title: str
    points: int
    max_points: int
    label: str
    comment: str


@dataclass(frozen=True)
class Released:
    """A review as its author sees it."""

    id: UUID
    version: int
    attempt: int
    mentor_name: str | None
    comment: str
    points: int
    max_points: int
    released_at: datetime
    marks: list[Mark]


def released(submission: Submission) -> Released | None:
    """The newest released review with its scores, or None. Two statements, one if nothing is released."""
    if submission.released_at is None:
        return None
    review = (
        Review.objects.filter(submission=submission, released_at__isnull=False)
        .annotate(mentor_name=AccountMirror.objects.name_of(OuterRef("mentor_id")))
        .select_related("attempt")
        .order_by("-version")
        .first()
    )
    if review is None:
        return None
    return Released(
        id=review.id,
        version=review.version,
        attempt=review.attempt.number,
        mentor_name=review.mentor_name,
        comment=review.comment,
        points=review.points,
        max_points=review.max_points,
        released_at=review.released_at or review.saved_at,
        marks=_marks(review),
    )


def released_now(submission: Submission) -> Released:
    """The newest released review. NotFound while nothing is released: a draft is as good as absent."""
    review = released(submission)
    if review is None:
        raise NotFound
    return review


def _marks(review: Review) -> list[Mark]:
    levels = Level.objects.filter(criterion_id=OuterRef("criterion_id"))
    scores = (
        Score.objects.filter(review=review)
        .annotate(most=Subquery(levels.order_by("-points").values("points")[:1]))
        .select_related("criterion", "level")
        .order_by("criterion__position", "id")
    )
    return [
        Mark(score.criterion.title, score.level.points, score.most, score.level.label, score.comment)
        for score in scores
    ]


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
        .annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")), taken=_is_taken())
        .select_related("mission__week", "membership__part"),
        order=("taken", "waiting_since", "id"),
        cursor=cursor,
        size=size,
    )
    return Page([_assign_row(one) for one in found.rows], found.next)


def _is_taken() -> Case:
    return Case(When(mentor_id=None, then=Value(0)), default=Value(1))


def _assign_row(one: Any) -> AssignRow:
    part = one.membership.part
    return AssignRow(
        id=one.id,
        name=one.name,
        part_name=part.name if part else None,
        mission_title=one.mission.title,
        week=one.mission.week.number,
        waiting_since=one.waiting_since,
        mentor_id=one.mentor_id,
    )
