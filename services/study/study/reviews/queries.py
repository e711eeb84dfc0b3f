"""Pictures of reviews: the queue, the sheet that a mentor fills in, what the author sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from chassis.errors import NotFound
from chassis.web.pagination import Page, page_of
from study.cohorts.models import Membership, Role
from study.mirrors.models import AccountMirror
from study.missions.models import Level
from study.reviews.models import Review, Score
from study.submissions.models import Submission, SubmissionQuerySet
from study.submissions.queries import is_late


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
    named = chosen.with_judgement().annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
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
        is_late=is_late(one),
        waiting_since=one.waiting_since,
        points=one.points,
        max_points=one.max_points,
        released_at=one.released_at,
    )


@dataclass(frozen=True)
class Choice:
    """A level of a criterion; `chosen` in the review."""

    id: UUID
    points: int
    label: str
    chosen: bool


@dataclass(frozen=True)
class Line:
    """A criterion with its levels and what the review says of it."""

    id: UUID
    title: str
    choices: list[Choice]
    comment: str

    @property
    def choice(self) -> Choice | None:
        return next((choice for choice in self.choices if choice.chosen), None)


@dataclass(frozen=True)
class Sheet:
    """The rubric as the mentor finds it: with the draft, else with what was released last."""

    lines: list[Line]
    comment: str
    # Of the draft; None if there is none.
    saved_at: datetime | None
    version: int | None
    # Who wrote what stands here; None if nothing does, or users has not told us the name.
    mentor_name: str | None
    # "" if nothing was ever saved.
    revision: str

    @property
    def points(self) -> int:
        return sum(line.choice.points for line in self.lines if line.choice)

    @property
    def max_points(self) -> int:
        return sum(max(choice.points for choice in line.choices) for line in self.lines)

    @property
    def shape(self) -> list[tuple[UUID, str, list[UUID]]]:
        """Each criterion with its title and the ids of its levels: what a form may offer."""
        return [(line.id, line.title, [choice.id for choice in line.choices]) for line in self.lines]

    @property
    def initial(self) -> dict[str, Any]:
        """The review as a form's initial values."""
        values: dict[str, Any] = {"comment": self.comment, "revision": self.revision}
        for line in self.lines:
            values[f"said_{line.id}"] = line.comment
            if line.choice:
                values[f"level_{line.id}"] = str(line.choice.id)
        return values


def sheet(submission: Submission) -> Sheet:
    """The rubric of the submission's mission with the newest version of its review. Two statements."""
    newest = (
        Review.objects.filter(submission=submission)
        .annotate(mentor_name=AccountMirror.objects.name_of(OuterRef("mentor_id")))
        .order_by("-version")
        .first()
    )
    given = Score.objects.filter(review=newest, level=OuterRef("id"))
    rows = (
        Level.objects.filter(criterion__mission_id=submission.mission_id)
        .annotate(title=F("criterion__title"), said=Subquery(given.values("comment")[:1]))
        .values("criterion_id", "title", "id", "points", "label", "said")
        .order_by("criterion__position", "criterion_id", "points")
    )
    draft = newest if newest and newest.released_at is None else None
    return Sheet(
        lines=[_line(list(group)) for _, group in groupby(rows, key=lambda row: row["criterion_id"])],
        comment=newest.comment if newest else "",
        saved_at=draft.saved_at if draft else None,
        version=draft.version if draft else None,
        mentor_name=newest.mentor_name if newest else None,
        revision=newest.revision if newest else "",
    )


def _line(rows: list[dict[str, Any]]) -> Line:
    said = [row["said"] for row in rows if row["said"] is not None]
    return Line(
        id=rows[0]["criterion_id"],
        title=rows[0]["title"],
        choices=[Choice(row["id"], row["points"], row["label"], row["said"] is not None) for row in rows],
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
    """The newest released review with its scores, or None. One statement, none if nothing is released."""
    if submission.released_at is None:
        return None
    newest = Review.objects.filter(submission=submission, released_at__isnull=False).order_by("-version")
    most = Level.objects.filter(criterion_id=OuterRef("scores__criterion_id")).order_by("-points")
    rows = list(
        Review.objects.filter(id=Subquery(newest.values("id")[:1]))
        .values(
            *("id", "version", "comment", "points", "max_points", "released_at"),
            attempt_number=F("attempt__number"),
            mentor_name=AccountMirror.objects.name_of(OuterRef("mentor_id")),
            title=F("scores__criterion__title"),
            level_points=F("scores__level__points"),
            level_most=Subquery(most.values("points")[:1]),
            label=F("scores__level__label"),
            said=F("scores__comment"),
        )
        .order_by("scores__criterion__position", "scores__id")
    )
    if not rows:
        return None
    review = rows[0]
    return Released(
        id=review["id"],
        version=review["version"],
        attempt=review["attempt_number"],
        mentor_name=review["mentor_name"],
        comment=review["comment"],
        points=review["points"],
        max_points=review["max_points"],
        released_at=review["released_at"],
        marks=[
            Mark(row["title"], row["level_points"], row["level_most"], row["label"], row["said"])
            for row in rows
            if row["title"] is not None
        ],
    )


def released_now(submission: Submission) -> Released:
    """The newest released review. NotFound while nothing is released: a draft is as good as absent."""
    review = released(submission)
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
        .annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")), taken=_is_taken())
        .select_related("mission__week", "membership__part"),
        order=("taken", "waiting_since", "id"),
        cursor=cursor,
        size=size,
    )
    return Page([_assign_row(one) for one in found.rows], found.next)


def _is_taken() -> Case:
    return Case(When(assignee_id=None, then=Value(0)), default=Value(1))


def _assign_row(one: Any) -> AssignRow:
    part = one.membership.part
    return AssignRow(
        id=one.id,
        name=one.name,
        part_name=part.name if part else None,
        mission_title=one.mission.title,
        week=one.mission.week.number,
        waiting_since=one.waiting_since,
        mentor_id=one.assignee_id,
    )
