"""An operator's overview: members by weeks, whom to call first, and what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import CharField, DateTimeField, F, OuterRef, QuerySet, Subquery, UUIDField, Value
from django.db.models.fields import BooleanField, Field, PositiveSmallIntegerField

from study.cohorts.models import Membership, Role, Week
from study.home.rules import (
    Handed,
    WeekDay,
    current_week,
    is_handed_in,
    is_missing,
    is_overdue,
    standing,
    urgency,
)
from study.missions.models import Extension, PartDue
from study.missions.rules import Grant, came_late, effective_due
from study.submissions.models import Attempt, Pull, Submission


@dataclass(frozen=True)
class Cell:
    """How a member's mission of a week stands; no word where the week asks nothing of them."""

    week: int
    title: str = ""
    word: str = ""
    submission_id: UUID | None = None
    is_missing: bool = False
    is_late: bool = False
    is_handed_in: bool = False


@dataclass
class Row:
    """A member and their weeks: `cells` has one a week, what most needs a look; `missions` has them all."""

    seat_id: UUID
    name: str | None
    part: str | None
    cells: list[Cell] = field(default_factory=list)
    missions: list[Cell] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return sum(cell.is_missing for cell in self.missions)

    @property
    def late(self) -> int:
        return sum(cell.is_late for cell in self.missions)


def words_in(rows: list[Row]) -> list[str]:
    """Every word that stands in these rows, what presses least first: the signs that a reader must know."""
    return sorted({cell.word for row in rows for cell in row.cells if cell.word}, key=urgency)


@dataclass(frozen=True)
class Load:
    """A mentor and their reviews."""

    name: str | None
    done: int
    waiting: int
    overdue: int


@dataclass(frozen=True)
class Overview:
    """The whole cohort at one instant."""

    week: WeekDay | None
    weeks: list[WeekDay]
    rows: list[Row]
    parts: list[tuple[UUID, str, int]]
    # Members in no part of a cohort that has parts: none of the parts' missions reaches them.
    without_part: int
    loads: list[Load]
    waiting: int
    overdue: int
    unmatched: int
    handed_in: int
    expected: int

    @property
    def to_call(self) -> list[Row]:
        """Members with something missing, those who miss most first."""
        troubled = [row for row in self.rows if row.missing]
        return sorted(troubled, key=lambda row: (-row.missing, -row.late, row.name or ""))


@dataclass(frozen=True)
class _Programme:
    weeks: list[WeekDay]
    missions: list[dict[str, Any]]


def overview(seat: Membership, everybody: Sequence[Membership], *, now: datetime) -> Overview:
    """The cohort of this seat, every part of it, with everybody in it as access knows them.

    Two statements, whatever its size; a third one if somebody is in no part.
    """
    programme = _programme(seat.cohort_id)
    facts = [
        {name.removeprefix("f_"): value for name, value in row.items()} for row in _facts(seat.cohort_id)
    ]
    members = [one for one in everybody if one.role == Role.MEMBER]
    rows = _rows(members, programme, facts, now)
    week = current_week(programme.weeks, now.astimezone(ZoneInfo(seat.cohort.time_zone)).date())
    this_week = [cell for row in rows for cell in row.missions if week and cell.week == week.number]
    waiting = [fact for fact in facts if fact["kind"] == "submission" and fact["awaits"]]
    parts = Counter((one.part.position, one.part.name, one.part.id) for one in members if one.part)
    without_part = sum(one.part is None for one in members)
    if without_part and not parts and not seat.cohort.parts.exists():
        without_part = 0
    return Overview(
        week=week,
        weeks=programme.weeks,
        rows=rows,
        parts=[(part_id, name, n) for (_place, name, part_id), n in sorted(parts.items())],
        without_part=without_part,
        loads=_loads((one for one in everybody if one.role == Role.MENTOR), facts, now),
        waiting=len(waiting),
        overdue=sum(is_overdue(fact["at"], now) for fact in waiting),
        unmatched=sum(fact["kind"] == "unmatched" for fact in facts),
        handed_in=sum(cell.is_handed_in for cell in this_week),
        expected=len(this_week),
    )


def _programme(cohort_id: UUID) -> _Programme:
    found = (
        Week.objects.filter(cohort_id=cohort_id)
        .values("number", "starts_on")
        .annotate(
            mission_id=F("missions__id"),
            title=F("missions__title"),
            part_id=F("missions__part_id"),
            opens_at=F("missions__opens_at"),
            due_at=F("missions__due_at"),
        )
        .order_by("number", "missions__due_at", "missions__id")
    )
    rows = list(found)
    weeks = {row["number"]: WeekDay(row["number"], row["starts_on"]) for row in rows}
    return _Programme(list(weeks.values()), [row for row in rows if row["mission_id"]])


_SHAPE: dict[str, Field[Any, Any]] = {
    "kind": CharField(),
    "mission": UUIDField(null=True),
    "who": UUIDField(null=True),  # a seat, or for a part's deadline the part
    "at": DateTimeField(null=True),
    "hours": PositiveSmallIntegerField(null=True),
    "submission": UUIDField(null=True),
    "mentor": UUIDField(null=True),
    "state": CharField(),
    "received": DateTimeField(null=True),
    "awaits": BooleanField(),
    "released": DateTimeField(null=True),
}
_EMPTY = {"state": "", "awaits": False}


def _facts(cohort_id: UUID) -> QuerySet[Any, dict[str, Any]]:
    # Four kinds of rows in one statement, so that the page's price stays what it is.
    first = Attempt.objects.filter(submission=OuterRef("id"), number=1)
    submissions = Submission.objects.filter(mission__cohort_id=cohort_id)
    extensions = Extension.objects.filter(mission__cohort_id=cohort_id, withdrawn_at=None)
    dues = PartDue.objects.filter(mission__cohort_id=cohort_id)
    unmatched = Pull.objects.filter(cohort_id=cohort_id, dismissed_at=None).exclude(unmatched="")
    return _shaped(
        submissions,
        "submission",
        mission=F("mission_id"),
        who=F("membership_id"),
        at=F("waiting_since"),
        submission=F("id"),
        mentor=F("mentor_id"),
        state=F("state"),
        received=Subquery(first.values("received_at")[:1]),
        awaits=F("awaits_review"),
        released=F("released_at"),
    ).union(
        _shaped(
            extensions,
            "extension",
            mission=F("mission_id"),
            who=F("membership_id"),
            at=F("granted_at"),
            hours=F("hours"),
        ),
        _shaped(dues, "due", mission=F("mission_id"), who=F("part_id"), at=F("due_at")),
        _shaped(unmatched, "unmatched"),
        all=True,
    )


def _shaped(rows: QuerySet[Any], kind: str, **columns: F | Subquery) -> QuerySet[Any, dict[str, Any]]:
    values: dict[str, Any] = {"kind": Value(kind, output_field=CharField())}
    for name, output in _SHAPE.items():
        if name != "kind":
            values[name] = columns.get(name) or Value(_EMPTY.get(name), output_field=output)
    # Prefixed, since a value may not take the name of a column.
    return rows.order_by().values(**{f"f_{name}": value for name, value in values.items()})


def _rows(
    members: list[Membership], programme: _Programme, facts: list[dict[str, Any]], now: datetime
) -> list[Row]:
    of_kind: dict[str, dict[tuple[UUID, UUID], dict[str, Any]]] = {
        "submission": {},
        "extension": {},
        "due": {},
    }
    for fact in sorted(facts, key=lambda fact: (fact["at"] is None, fact["at"])):
        if fact["kind"] in of_kind:
            of_kind[fact["kind"]][fact["mission"], fact["who"]] = fact
    return [_row(member, programme, _missions(member, programme, of_kind, now)) for member in members]


def _row(member: Membership, programme: _Programme, missions: list[Cell]) -> Row:
    cells = {week.number: Cell(week.number) for week in programme.weeks}
    for cell in missions:
        if urgency(cell.word) > urgency(cells[cell.week].word):
            cells[cell.week] = cell
    return Row(
        seat_id=member.id,
        name=member.name,  # type: ignore[attr-defined]
        part=member.part.name if member.part else None,
        cells=list(cells.values()),
        missions=missions,
    )


def _missions(
    member: Membership, programme: _Programme, of_kind: dict[str, Any], now: datetime
) -> list[Cell]:
    missions = []
    for mission in programme.missions:
        if mission["part_id"] not in {None, member.part_id}:
            continue
        key = (mission["mission_id"], member.id)
        fact, more = of_kind["submission"].get(key), of_kind["extension"].get(key)
        of_part = of_kind["due"].get((mission["mission_id"], member.part_id))
        due = effective_due(
            base=mission["due_at"],
            part=of_part["at"] if of_part else None,
            extension=Grant(more["hours"], "") if more else None,
        )
        handed = fact and Handed(fact["submission"], fact["state"], fact["received"], bool(fact["released"]))
        missions.append(
            Cell(
                week=mission["number"],
                title=mission["title"],
                word=standing(handed, opens_at=mission["opens_at"], due_at=due.at, now=now),
                submission_id=fact["submission"] if fact else None,
                is_missing=is_missing(handed, opens_at=mission["opens_at"], due_at=due.at, now=now),
                is_late=bool(fact and came_late(fact["received"], due.at)),
                is_handed_in=is_handed_in(handed),
            )
        )
    return missions


def _loads(mentors: Iterable[Membership], facts: list[dict[str, Any]], now: datetime) -> list[Load]:
    loads = []
    for mentor in mentors:
        theirs = [f for f in facts if f["kind"] == "submission" and f["mentor"] == mentor.account_id]
        waiting = [fact for fact in theirs if fact["awaits"]]
        loads.append(
            Load(
                name=mentor.name,  # type: ignore[attr-defined]
                done=sum(bool(fact["released"]) for fact in theirs),
                waiting=len(waiting),
                overdue=sum(is_overdue(fact["at"], now) for fact in waiting),
            )
        )
    return loads
